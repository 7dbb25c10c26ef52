// Carries out recorded conversations through the Go client; clients/conformance/README.md has the format.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"physintuition"
	pb "physintuition/v1"
)

// step is one element of a conversation: what it takes, whatever it does.
type step struct {
	Do          string            `json:"do"`
	As          string            `json:"as"`
	In          string            `json:"in"`
	From        string            `json:"from"`
	Task        string            `json:"task"`
	Split       string            `json:"split"`
	Slots       json.RawMessage   `json:"slots"`
	Options     json.RawMessage   `json:"options"`
	SlotOptions []json.RawMessage `json:"slot_options"`
	Autoreset   string            `json:"autoreset"`
	Outcome     string            `json:"outcome"`
	Observe     []string          `json:"observe"`
	Width       uint32            `json:"width"`
	Height      uint32            `json:"height"`
	Encoding    string            `json:"encoding"`
	Seed        *string           `json:"seed"`
	Seeds       []string          `json:"seeds"`
	Mask        []int             `json:"mask"`
	Texts       []string          `json:"texts"`
	Numbers     [][]*float32      `json:"numbers"`
	Times       int               `json:"times"`
	Steps       []step            `json:"steps"`
	Sources     []uint32          `json:"sources"`
	Turns       []uint32          `json:"turns"`
	History     string            `json:"history"`
	FirstSeed   string            `json:"first_seed"`
	Count       uint32            `json:"count"`
	StopAfter   int               `json:"stop_after"`
	When        string            `json:"when"`
}

// patience with which a durable session's calls are made again.
const patience = 2 * time.Minute

var autoresets = map[string]pb.AutoresetMode{
	"": pb.AutoresetMode_AUTORESET_MODE_DISABLED, "disabled": pb.AutoresetMode_AUTORESET_MODE_DISABLED,
	"next_step": pb.AutoresetMode_AUTORESET_MODE_NEXT_STEP, "same_step": pb.AutoresetMode_AUTORESET_MODE_SAME_STEP,
}

var outcomes = map[string]pb.TerminalObservation{
	"settled":  pb.TerminalObservation_TERMINAL_OBSERVATION_SETTLED,
	"question": pb.TerminalObservation_TERMINAL_OBSERVATION_QUESTION,
}

var encodings = map[string]pb.PictureEncoding{
	"raw": pb.PictureEncoding_PICTURE_ENCODING_RAW, "png": pb.PictureEncoding_PICTURE_ENCODING_PNG,
}

// conversation is one session and what it has named.
type conversation struct {
	client       *physintuition.Client
	control      string
	environments map[string]*physintuition.Environment
	shown        map[string]physintuition.Pictures
	snapshots    map[string][]byte
}

func (c *conversation) carryOut(ctx context.Context, s step) (object, error) {
	environment := c.environments[s.In]
	switch s.Do {
	case "task":
		task, err := c.client.Task(ctx, s.Task)
		return object{"id": task.GetId(), "title": task.GetTitle(), "max_steps": int(task.GetMaxSteps())}, err
	case "create":
		return c.create(ctx, s)
	case "reset":
		values, err := environment.Reset(ctx, s.reset())
		return object{"observations": observations(values)}, err
	case "step":
		return c.step(ctx, s)
	case "pipeline":
		replies := []interface{}{}
		for _, part := range s.Steps {
			part.In = s.In
			reply, err := c.step(ctx, part)
			if err != nil {
				return nil, err
			}
			replies = append(replies, reply)
		}
		return object{"replies": replies}, nil
	case "cancel":
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, _ = c.step(short, s) // the time was over, or the server was faster with its refusal
		return object{}, nil
	case "render":
		return c.render(ctx, s)
	case "snapshot":
		snapshot, err := environment.Snapshot(ctx, s.slots()...)
		c.snapshots[s.As] = snapshot
		return object{}, err
	case "restore":
		values, err := environment.Restore(ctx, c.snapshots[s.From], s.Sources, s.mask())
		return object{"observations": observations(values)}, err
	case "fork":
		forked, err := environment.Fork(ctx, s.slots()...)
		if err != nil {
			return nil, err
		}
		c.environments[s.As], c.shown[s.As] = forked, c.shown[s.In]
		return object{"slots": int(forked.Info().Slots)}, nil
	case "close":
		return object{}, environment.Close(ctx)
	case "score":
		seeds := []uint64{}
		for i := 0; i < s.times(); i++ {
			seeds = append(seeds, numbers(s.Seeds)...)
		}
		rewards, values, err := c.client.Score(ctx, s.Task, seeds, s.actions(), physintuition.ScoreSettings{
			Split: s.Split, Options: text(s.Options), Observe: s.Observe, Turns: s.Turns,
		})
		return object{"rewards": bytesOf(float32Bytes(rewards)), "observations": observations(values)}, err
	case "dataset":
		return c.dataset(ctx, s)
	case "cut":
		return object{}, c.cut(s)
	}
	return nil, fmt.Errorf("this driver cannot %q", s.Do)
}

func (c *conversation) create(ctx context.Context, s step) (object, error) {
	pictures := s.pictures(physintuition.Pictures{Width: 64, Height: 64, Encoding: encodings["raw"]})
	settings := physintuition.Settings{
		Task: s.Task, Split: s.Split, Options: text(s.Options), Autoreset: autoresets[s.Autoreset],
		Outcome: outcomes[s.Outcome], Observe: s.Observe, Pictures: pictures,
	}
	if s.Slots != nil {
		if err := json.Unmarshal(s.Slots, &settings.Slots); err != nil {
			return nil, err
		}
	}
	for _, options := range s.SlotOptions {
		settings.SlotOptions = append(settings.SlotOptions, text(options))
	}
	environment, err := c.client.Make(ctx, settings)
	if err != nil {
		return nil, err
	}
	c.environments[s.As], c.shown[s.As] = environment, pictures
	return object{"slots": int(environment.Info().Slots)}, nil
}

func (c *conversation) step(ctx context.Context, s step) (object, error) {
	result, err := c.environments[s.In].Step(ctx, s.actions(), physintuition.StepSettings{
		Mask: s.mask(), Observe: s.Observe,
	})
	if err != nil {
		return nil, err
	}
	return object{
		"rewards": bytesOf(float32Bytes(result.Rewards)), "terminated": bytesOf(flagBytes(result.Terminated)),
		"truncated": bytesOf(flagBytes(result.Truncated)), "started": bytesOf(flagBytes(result.Started)),
		"observations": observations(result.Observations), "final": observations(result.Final),
	}, nil
}

func (c *conversation) render(ctx context.Context, s step) (object, error) {
	names := s.Observe
	if names == nil {
		names = []string{"rgb"}
	}
	values, err := c.environments[s.In].Render(ctx, s.slots(), names, s.pictures(c.shown[s.In]))
	return object{"observations": observations(values)}, err
}

func (c *conversation) dataset(ctx context.Context, s step) (object, error) {
	rows := physintuition.Rows{}
	err := c.client.Dataset(ctx, s.Task, physintuition.DatasetSettings{
		Split: s.Split, Options: text(s.Options), FirstSeed: number(s.FirstSeed), Count: s.Count, Observe: s.Observe,
		Pictures: s.pictures(physintuition.Pictures{Width: 64, Height: 64, Encoding: encodings["png"]}),
	}, func(more physintuition.Rows) error {
		if rows = rows.Append(more); s.StopAfter > 0 && len(rows.Seeds) >= s.StopAfter {
			rows = rows.First(s.StopAfter)
			return io.EOF
		}
		return nil
	})
	seeds := []interface{}{}
	for _, seed := range rows.Seeds {
		seeds = append(seeds, strconv.FormatUint(seed, 10))
	}
	return object{"seeds": seeds, "columns": observations(rows.Columns)}, err
}

func (c *conversation) cut(s step) error {
	control, err := net.Dial("tcp", c.control)
	if err != nil {
		return err
	}
	defer control.Close()
	when := s.When
	if when == "" {
		when = "now"
	}
	if _, err = control.Write([]byte(when + "\n")); err == nil {
		_, err = io.Copy(io.Discard, control)
	}
	return err
}

func (s step) reset() physintuition.ResetSettings {
	settings := physintuition.ResetSettings{Mask: s.mask(), Observe: s.Observe}
	if s.Seed != nil {
		seed := number(*s.Seed)
		settings.Seed = &seed
	}
	if s.Seeds != nil {
		settings.Seeds = numbers(s.Seeds)
	}
	var each []json.RawMessage
	if json.Unmarshal(s.Options, &each) == nil {
		for _, options := range each {
			settings.Options = append(settings.Options, text(options))
		}
	}
	return settings
}

func (s step) pictures(pictures physintuition.Pictures) physintuition.Pictures {
	if s.Width != 0 {
		pictures.Width, pictures.Height = s.Width, s.Height
	}
	if s.Encoding != "" {
		pictures.Encoding = encodings[s.Encoding]
	}
	if s.History != "" {
		pictures.History = s.History
	}
	return pictures
}

func (s step) actions() physintuition.Actions {
	if s.Texts != nil {
		texts := []string{}
		for i := 0; i < s.times(); i++ {
			texts = append(texts, s.Texts...)
		}
		return physintuition.Texts(texts...)
	}
	rows := [][]float32{}
	for i := 0; i < s.times(); i++ {
		for _, values := range s.Numbers {
			row := []float32{}
			for _, value := range values {
				if value == nil {
					row = append(row, float32(math.NaN()))
				} else {
					row = append(row, *value)
				}
			}
			rows = append(rows, row)
		}
	}
	return physintuition.Numbers(rows...)
}

func (s step) times() int {
	if s.Times == 0 {
		return 1
	}
	return s.Times
}

func (s step) slots() (slots []uint32) {
	_ = json.Unmarshal(s.Slots, &slots)
	return slots
}

func (s step) mask() []byte {
	var mask []byte
	for _, flag := range s.Mask {
		mask = append(mask, byte(flag))
	}
	return mask
}

func main() {
	address := flag.String("address", "", "gRPC, host:port")
	_ = flag.String("http", "", "gRPC-Web, not used")
	control := flag.String("control", "", "breaks connections, host:port")
	durable := flag.Bool("durable", false, "sessions that outlive their server")
	flag.Parse()
	options := physintuition.Options{Durable: *durable}
	if *durable {
		options.Patience = patience
	}
	for file := range files() {
		if err := converse(file, *address, *control, options); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// files that the command line names, or standard input, one a line.
func files() <-chan string {
	names := make(chan string)
	go func() {
		defer close(names)
		for _, name := range flag.Args() {
			names <- name
		}
		for lines := bufio.NewScanner(os.Stdin); flag.NArg() == 0 && lines.Scan(); {
			names <- lines.Text()
		}
	}()
	return names
}

func converse(file, address, control string, options physintuition.Options) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var told struct{ Steps []step }
	if err := json.Unmarshal(content, &told); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	client, err := physintuition.Connect(address, options)
	if err != nil {
		return err
	}
	defer client.Close()
	show(object{"conversation": strings.TrimSuffix(filepath.Base(file), ".json")})
	c := &conversation{
		client, control, map[string]*physintuition.Environment{}, map[string]physintuition.Pictures{},
		map[string][]byte{},
	}
	for _, s := range told.Steps {
		result, err := c.carryOut(context.Background(), s)
		var fault *physintuition.Error
		if errors.As(err, &fault) {
			result = object{"error": object{
				"code": int(fault.Code), "reason": fault.Reason, "field": fault.Field, "message": first(fault.Message, 64),
			}}
		} else if err != nil {
			return fmt.Errorf("%s, %s: %w", file, s.Do, err)
		}
		result["do"] = s.Do
		show(result)
	}
	return nil
}

func show(value object) {
	var line strings.Builder
	write(&line, value)
	fmt.Println(line.String())
}

func first(text string, count int) string {
	if scalars := []rune(text); len(scalars) > count {
		return string(scalars[:count])
	}
	return text
}

// text of JSON options: empty where there are none.
func text(options json.RawMessage) string {
	if string(options) == "null" {
		return ""
	}
	return string(options)
}

func number(digits string) uint64 {
	value, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

func numbers(digits []string) []uint64 {
	values := []uint64{}
	for _, each := range digits {
		values = append(values, number(each))
	}
	return values
}
