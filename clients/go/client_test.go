package physintuition

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	pb "physintuition/v1"
)

var address string

// The tests talk to a server of their own; REPOSITORY is the repository.
func TestMain(m *testing.M) {
	server := exec.Command("dotnet", filepath.Join(os.Getenv("REPOSITORY"),
		"artifacts/bin/PhysIntuition.Server/release/PhysIntuition.Server.dll"),
		"serve", "--port", "0", "--http-port", "-1", "--log", "Error")
	server.Stderr = os.Stderr
	output, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for lines := bufio.NewScanner(output); address == "" && lines.Scan(); {
		for _, word := range strings.Fields(lines.Text()) {
			if strings.HasPrefix(word, "grpc=") {
				address = strings.TrimPrefix(strings.TrimPrefix(word, "grpc="), "http://")
			}
		}
	}
	if address == "" {
		fmt.Fprintln(os.Stderr, "the server did not say where it listens")
		os.Exit(1)
	}
	status := m.Run()
	_ = server.Process.Kill()
	os.Exit(status)
}

func connect(t *testing.T) (*Client, context.Context) {
	t.Helper()
	client, err := Connect(address)
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(func() {
		cancel()
		must(t, client.Close())
	})
	return client, ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadmesProgramIsShortAndRunsAsPrinted(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	must(t, err)
	program := strings.SplitN(strings.SplitN(string(readme), "```go\n", 2)[1], "```", 2)[0]
	if lines := strings.Count(program, "\n"); lines > 15 {
		t.Fatalf("it has %d lines", lines)
	}
	folder, err := os.MkdirTemp(".", "readme-")
	must(t, err)
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "main.go")
	must(t, os.WriteFile(file, []byte(strings.Replace(program, DefaultAddress, address, 1)), 0o600))
	output, err := exec.Command("go", "run", file).CombinedOutput()
	if err != nil || !strings.Contains(string(output), "Will any block fall?") {
		t.Fatalf("%v\n%s", err, output)
	}
}

func TestSameSeedSameSceneAndExpertScoresTheMaximum(t *testing.T) {
	client, ctx := connect(t)
	towers, err := client.Make(ctx, Settings{Task: "Stability-v1", Slots: 8, Observe: []string{"scene_hash", "expert"}})
	must(t, err)
	first, err := towers.Reset(ctx, Seed(3))
	must(t, err)
	again, err := towers.Reset(ctx, Seed(3))
	must(t, err)
	if string(first.Get("scene_hash").Data) != string(again.Get("scene_hash").Data) {
		t.Error("one seed, two scenes")
	}
	step, err := towers.Step(ctx, Texts(again.Get("expert").Texts...))
	must(t, err)
	for i, reward := range step.Rewards {
		if reward != 1 || !step.Terminated[i] || step.Truncated[i] {
			t.Errorf("slot %d: reward %v, terminated %v", i, reward, step.Terminated[i])
		}
	}
	must(t, towers.Close(ctx))
	must(t, towers.Close(ctx))
}

func TestErrorsNameFieldAndRemedy(t *testing.T) {
	client, ctx := connect(t)
	_, err := client.Make(ctx, Settings{Task: "Stability-v1", Observe: []string{"smell"}})
	var fault *Error
	if !errors.As(err, &fault) || fault.Code != codes.InvalidArgument || fault.Field == "" || fault.Reason == "" {
		t.Fatalf("%#v", err)
	}
	_, err = client.Make(ctx, Settings{})
	if !errors.As(err, &fault) || fault.Field != "task" {
		t.Fatalf("%#v", err)
	}
	if _, err = client.Task(ctx, "Nothing-v1"); !IsCode(err, codes.NotFound) {
		t.Fatal(err)
	}
}

func TestEndedContextStopsTheWaitNotTheWork(t *testing.T) {
	client, ctx := connect(t)
	towers, err := client.Make(ctx, Settings{Task: "Stability-v1", Slots: 64, Observe: []string{"rgb"}})
	must(t, err)
	_, err = towers.Reset(ctx, Seed(1))
	must(t, err)
	answers := make([]string, 64)
	short, cancel := context.WithTimeout(ctx, time.Microsecond)
	defer cancel()
	if _, err = towers.Step(short, Texts(answers...)); err == nil {
		t.Fatal("a microsecond was enough")
	}
	// The step is done: with next-step autoreset another one starts the next episodes.
	step, err := towers.Step(ctx, Texts(answers...))
	must(t, err)
	if !step.Started[0] || !step.Started[63] {
		t.Fatal("the step that nobody waited for was not carried out")
	}
}

func TestAnotherConnectionResumesTheSession(t *testing.T) {
	client, ctx := connect(t)
	towers, err := client.Make(ctx, Settings{Task: "Offset-v1", Slots: 2, Split: "val"})
	must(t, err)
	_, err = towers.Reset(ctx, Seed(5))
	must(t, err)
	id, secret, err := client.Session(ctx)
	must(t, err)
	if !regexp.MustCompile("^[0-9a-f]{32}$").MatchString(id) {
		t.Fatalf("the session is named %q, not as the client names it", id)
	}
	other, _ := connect(t)
	info, err := other.Resume(ctx, id, secret)
	must(t, err)
	if len(info.Environments) != 1 || !info.Environments[0].IsReset {
		t.Fatalf("%v", info.Environments)
	}
	step, err := other.Attach(info.Environments[0], Pictures{}).Step(ctx, Numbers([]float32{1, 2}, []float32{3, 4}))
	must(t, err)
	if len(step.Rewards) != 2 {
		t.Fatalf("%v", step.Rewards)
	}
	second, err := other.Make(ctx, Settings{Task: "Offset-v1"})
	must(t, err)
	if second.Info().Environment == info.Environments[0].Environment {
		t.Fatal("a new environment is the old one")
	}
	if _, err = other.Resume(ctx, id, "wrong"); err == nil {
		t.Fatal("a wrong secret opened the session")
	}
}

func TestDatasetEndsEarlyWhereTheFunctionSaysSo(t *testing.T) {
	client, ctx := connect(t)
	var rows Rows
	settings := DatasetSettings{Count: 300, Observe: []string{"prompt", "scene_hash", "rgb"}, Pictures: Pictures{
		Width: 32, Height: 32, Encoding: pb.PictureEncoding_PICTURE_ENCODING_PNG,
	}}
	must(t, client.Dataset(ctx, "Stability-v1", settings, func(more Rows) error {
		if rows = rows.Append(more); len(rows.Seeds) >= 100 {
			rows = rows.First(100)
			return io.EOF
		}
		return nil
	}))
	hashes := rows.Columns.Get("scene_hash")
	if len(rows.Seeds) != 100 || len(rows.Columns.Get("rgb").Files) != 100 || hashes.Shape[0] != 100 ||
		len(hashes.Data) != 800 || len(rows.Columns.Get("prompt").Texts) != 100 {
		t.Fatalf("%d rows, %v", len(rows.Seeds), hashes.Shape)
	}
	rewards, _, err := client.Score(ctx, "Stability-v1", rows.Seeds[:2], Texts("<answer>yes</answer>", "?"), ScoreSettings{})
	must(t, err)
	if rewards[1] != -1 {
		t.Fatalf("%v", rewards)
	}
}
