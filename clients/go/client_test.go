package physintuition

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	must(t, os.WriteFile(file, []byte(program), 0o600))
	run := exec.Command("go", "run", file)
	run.Env = append(os.Environ(), "PHYSINTUITION_SERVER="+address)
	output, err := run.CombinedOutput()
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

func TestAddressHasOneForm(t *testing.T) {
	for text, want := range map[string]place{
		"127.0.0.1:50051":           {"tcp", "127.0.0.1:50051", false},
		"http://127.0.0.1:50051/":   {"tcp", "127.0.0.1:50051", false},
		" localhost ":               {"tcp", "localhost:50051", false},
		"http://lab.example":        {"tcp", "lab.example:80", false},
		"https://lab.example":       {"tcp", "lab.example:443", true},
		"[::1]:7":                   {"tcp", "[::1]:7", false},
		"unix:///run/towers.sock":   {"unix", "/run/towers.sock", false},
		"unix:/run/towers.sock":     {"unix", "/run/towers.sock", false},
		"https://[2001:db8::1]:999": {"tcp", "[2001:db8::1]:999", true},
	} {
		if got, err := parseAddress(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"ftp://lab.example:1", "http://lab.example:1/path", "lab:port", "http://", "a:b:c"} {
		if _, err := Connect(text); !IsCode(err, codes.InvalidArgument) || !strings.Contains(err.Error(), "HOST:PORT") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEnvironmentNamesTheServer(t *testing.T) {
	t.Setenv(ServerVariable, "http://"+address)
	client, err := Connect("")
	must(t, err)
	defer client.Close()
	if _, err = client.Tasks(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestSocketReachesTheServer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "towers.sock")
	listener, err := net.Listen("unix", path)
	must(t, err)
	defer listener.Close()
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			go io.Copy(near, far)
			go io.Copy(far, near)
		}
	}()
	client, err := Connect("unix:" + path)
	must(t, err)
	defer client.Close()
	if _, err = client.Tasks(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyThereIsToldAtOnceWithWhatToStart(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for where, options := range map[string]Options{
		"http://127.0.0.1:1": {}, "unix:/nowhere/towers.sock": {}, "127.0.0.1:1": {Patience: 100 * time.Millisecond},
	} {
		client, err := Connect(where, options)
		must(t, err)
		_, err = client.Tasks(ctx)
		if !IsCode(err, codes.Unavailable) || !strings.Contains(err.Error(), "Nobody listens at ") ||
			!strings.Contains(err.Error(), "./physintuition serve") {
			t.Errorf("%s: %v", where, err)
		}
		must(t, client.Close())
	}
}

func TestWhatCannotBeSentIsRefusedAndChangesNothing(t *testing.T) {
	client, ctx := connect(t)
	var worlds [2]*Environment
	for i := range worlds {
		var err error
		worlds[i], err = client.Make(ctx, Settings{Task: "Offset-v1", Slots: 2, Observe: []string{"seed"}})
		must(t, err)
		_, err = worlds[i].Reset(ctx, Seed(5))
		must(t, err)
	}
	cut := "é"[:1] // in the middle of a character
	for _, actions := range []Actions{
		Texts("<answer>(1, 2)</answer>", "no "+cut), Numbers([]float32{1}, []float32{2, 3, 4}),
		Numbers([]float32{1}, []float32{2}, []float32{3}, []float32{4}),
	} {
		var fault *Error
		if _, err := worlds[0].Step(ctx, actions); !errors.As(err, &fault) || fault.Code != codes.InvalidArgument ||
			!strings.HasPrefix(fault.Field, "actions") {
			t.Errorf("%v", err)
		}
	}
	if _, err := worlds[0].Reset(ctx, ResetSettings{Options: []string{cut}}); !IsCode(err, codes.InvalidArgument) {
		t.Errorf("%v", err)
	}
	_, _, err := client.Score(ctx, "Offset-v1", []uint64{1}, Texts(cut), ScoreSettings{})
	if !IsCode(err, codes.InvalidArgument) {
		t.Errorf("%v", err)
	}
	var seeds [2]string
	for i, world := range worlds {
		for step := 0; step < 2; step++ { // Next-step autoreset: the second one shows the next episode's seed.
			answered, err := world.Step(ctx, Numbers([]float32{1, 2}, []float32{3, 4}))
			must(t, err)
			seeds[i] = string(answered.Observations.Get("seed").Data)
		}
	}
	if seeds[0] != seeds[1] {
		t.Error("a refused call changed the environment")
	}
}

func TestWhatIsKeptToRebuildAnEnvironmentIsBounded(t *testing.T) {
	history := newHistory(&pb.CreateRequest{Task: "OffsetX-v1"}, 2, nil)
	drawn, seeded := &pb.ResetRequest{}, &pb.ResetRequest{Seed: new(uint64)}
	if !history.isDrawn(drawn) || !history.add(drawn, &pb.ResetReply{}) {
		t.Fatal("nobody can repeat a reset without seeds: a snapshot is due")
	}
	for i := 0; i < 3; i++ {
		history.add(seeded, &pb.ResetReply{})
		history.add(&pb.StepRequest{}, &pb.StepReply{})
	}
	if kept := len(history.replay()); kept != 2 {
		t.Fatalf("%d calls are kept; a seeded reset and what follows are enough", kept)
	}
	for due := false; !due; {
		due = history.add(&pb.StepRequest{}, &pb.StepReply{})
	}
	if kept := len(history.replay()); kept != callsBetweenSnapshots {
		t.Fatalf("%d calls are kept before a snapshot is due", kept)
	}
	if slots := history.capture().Slots; len(slots) != 2 {
		t.Fatalf("slots %v are captured", slots)
	}
	history.keep([]byte{1})
	if kept := len(history.replay()); kept != 1 {
		t.Fatalf("%d calls are kept behind a snapshot", kept)
	}

	later := newHistory(&pb.CreateRequest{Task: "OffsetX-v1"}, 2, nil)
	later.add(&pb.ResetRequest{Seed: new(uint64), Mask: []byte{1, 0}}, &pb.ResetReply{})
	later.keep([]byte{1})
	later.add(seeded, &pb.ResetReply{})
	if mask := later.replay()[0].request.(*pb.RestoreRequest).Mask; string(mask) != "\x01\x00" {
		t.Fatalf("slots %v are restored; the second one began after the snapshot", mask)
	}
}
