package physintuition

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "physintuition/v1"
)

// Settings of an environment. Only Task must be given.
type Settings struct {
	Task        string           // "Stability-v1"
	Slots       uint32           // episodes that are played at a time; 0: 1
	Split       string           // empty: "train"
	Options     string           // the task's options as a JSON object; empty: defaults
	SlotOptions []string         // per slot, on top of Options: a JSON object or empty
	Autoreset   pb.AutoresetMode // when a slot whose episode has ended starts its next one; 0: with the next step
	Observe     []string         // what Reset and Step return
	Pictures    Pictures
	Outcome     pb.TerminalObservation // what is shown of an ended episode; 0: the settled world
}

// Environment is a batch of slots that play one task. Safe for concurrent use; calls that change it take turns.
type Environment struct {
	client   *Client
	pictures Pictures
	info     *pb.EnvironmentInfo

	lock     sync.Mutex
	last     chan struct{} // closed when the last call that changes the environment is over
	isClosed bool

	nextStep   uint64
	unanswered func(context.Context) error // a numbered call whose outcome is not known
}

// Actions are texts or numbers, one for each row.
type Actions struct {
	texts   []string
	numbers [][]float32
}

// Texts are actions as a language model writes them.
func Texts(answers ...string) Actions { return Actions{texts: answers} }

// Numbers are actions of shape [rows, TaskInfo.ActionSize].
func Numbers(rows ...[]float32) Actions { return Actions{numbers: rows} }

// check finds what the wire could not carry, or would carry as something else.
func (a Actions) check(rows int) error {
	for row, text := range a.texts {
		if !utf8.ValidString(text) {
			return wrongArgument(fmt.Sprintf("actions[%d]", row), "'actions[%d]' is %.80q; it must be UTF-8. "+
				"Give strings.ToValidUTF8(text, \"\").", row, text)
		}
	}
	total := 0
	for row, numbers := range a.numbers {
		if total += len(numbers); len(numbers) != len(a.numbers[0]) {
			return wrongArgument(fmt.Sprintf("actions[%d]", row), "'actions[%d]' has %d numbers; it must have %d, as "+
				"the first row has.", row, len(numbers), len(a.numbers[0]))
		}
	}
	if a.texts == nil && rows > 0 && len(a.numbers) != rows && total%rows == 0 {
		return wrongArgument("actions", "'actions' has %d rows; it must have %d, one for each slot that acts.",
			len(a.numbers), rows)
	}
	return nil
}

// rows that a mask selects.
func (e *Environment) rows(mask []byte) int {
	if len(mask) == 0 {
		return int(e.info.Slots)
	}
	return bytes.Count(mask, []byte{1})
}

// ResetSettings: the zero value starts new episodes in all slots, each slot's on its own stream of seeds.
type ResetSettings struct {
	Seed    *uint64  // slot i starts from *Seed + i
	Seeds   []uint64 // or one for each row
	Mask    []byte   // uint8[slots], 1: reset this slot; empty: all
	Options []string // from now on: empty, one JSON object for all rows, or one for each
	Observe []string // for this reply only; nil: what the environment was made with
}

// Seed is the seed of slot 0; slot i starts from seed + i.
func Seed(seed uint64) ResetSettings { return ResetSettings{Seed: &seed} }

// StepSettings: the zero value steps all slots and observes what the environment was made with.
type StepSettings struct {
	Mask    []byte   // uint8[slots], 1: step this slot; empty: all
	Observe []string // for this reply only
}

// Step is what one step gave; one row for each slot that took part, in slot order.
type Step struct {
	Rewards      []float32
	Terminated   []bool // the task reached its own end
	Truncated    []bool // a limit outside the task ended the episode
	Started      []bool // the observations are the first of a new episode
	Observations Observations
	Final        Observations // same-step autoreset: rows of the episodes that ended
	Reply        *pb.StepReply
}

// Make opens an environment. Its slots hold no episode until the first Reset.
func (c *Client) Make(ctx context.Context, settings Settings) (*Environment, error) {
	if settings.Task == "" {
		return nil, wrongArgument("task", "Settings.Task is empty; name a task, for example Stability-v1.")
	}
	request := &pb.CreateRequest{
		Task: settings.Task, Slots: settings.Slots, Split: settings.Split, OptionsJson: settings.Options,
		SlotOptionsJson: settings.SlotOptions, Autoreset: settings.Autoreset, CreateId: newCreateID(),
		Outcome: settings.Outcome,
		Observe: settings.Pictures.request(settings.Observe),
	}
	var reply *pb.CreateReply
	err := c.call(ctx, true, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = c.stub.Create(ctx, request, trailer)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Attach(reply.Environment, settings.Pictures), nil
}

// Attach gives an environment that a resumed session already owns.
func (c *Client) Attach(info *pb.EnvironmentInfo, pictures Pictures) *Environment {
	return &Environment{client: c, info: info, pictures: pictures, nextStep: info.LastStepId + 1}
}

// Info says what the server knows of the environment: slots, split, the options in force.
func (e *Environment) Info() *pb.EnvironmentInfo { return e.info }

// Reset starts episodes in all slots, or in those of the mask, and returns their first observations.
func (e *Environment) Reset(ctx context.Context, settings ResetSettings) (Observations, error) {
	request := &pb.ResetRequest{
		Environment: e.info.Environment, Seed: settings.Seed, Seeds: settings.Seeds, Mask: settings.Mask,
		OptionsJson: settings.Options, Observe: e.observe(settings.Observe),
	}
	var reply *pb.ResetReply
	err := e.numbered(ctx, request, &request.StepId, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Reset(ctx, request, trailer)
		return err
	})
	if err != nil {
		return nil, err // the reply may still be on its way
	}
	return read(reply.Observations), nil
}

// Step acts once in every slot, or in those of the mask.
func (e *Environment) Step(ctx context.Context, actions Actions, settings ...StepSettings) (*Step, error) {
	request := &pb.StepRequest{Environment: e.info.Environment}
	if len(settings) > 0 {
		request.Mask, request.Observe = settings[0].Mask, e.observe(settings[0].Observe)
	}
	if err := actions.check(e.rows(request.Mask)); err != nil {
		return nil, err
	}
	if actions.texts != nil {
		request.Actions = &pb.StepRequest_Texts{Texts: &pb.TextActions{Answers: actions.texts}}
	} else {
		request.Actions = &pb.StepRequest_Numbers{Numbers: float32Bytes(actions.numbers)}
	}
	var reply *pb.StepReply
	err := e.numbered(ctx, request, &request.StepId, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Step(ctx, request, trailer)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows := len(reply.Rewards) / 4
	return &Step{
		Rewards: float32s(reply.Rewards), Terminated: flags(reply.Terminated, rows),
		Truncated: flags(reply.Truncated, rows), Started: flags(reply.Started, rows),
		Observations: read(reply.Observations), Final: read(reply.FinalObservations), Reply: reply,
	}, nil
}

// Render draws slots as they are now; no slots: all, no names: "rgb".
func (e *Environment) Render(
	ctx context.Context, slots []uint32, names []string, pictures ...Pictures,
) (Observations, error) {
	shown := e.pictures
	if len(pictures) > 0 {
		shown = pictures[0]
	}
	request := &pb.RenderRequest{Environment: e.info.Environment, Slots: slots, Observe: shown.request(names)}
	var reply *pb.RenderReply
	err := e.client.call(ctx, true, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Render(ctx, request, trailer)
		return err
	})
	return read(reply.GetObservations()), err
}

// Snapshot captures the state of slots in a few bytes; no slots: all.
func (e *Environment) Snapshot(ctx context.Context, slots ...uint32) ([]byte, error) {
	request := &pb.SnapshotRequest{Environment: e.info.Environment, Slots: slots}
	var reply *pb.SnapshotReply
	err := e.client.call(ctx, true, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Snapshot(ctx, request, trailer)
		return err
	})
	return reply.GetSnapshot(), err
}

// Restore puts captured states into slots: row i continues from captured slot sources[i], or i without sources.
func (e *Environment) Restore(
	ctx context.Context, snapshot []byte, sources []uint32, mask []byte,
) (Observations, error) {
	request := &pb.RestoreRequest{
		Environment: e.info.Environment, Snapshot: snapshot, Sources: sources, Mask: mask,
	}
	var reply *pb.ResetReply
	err := e.numbered(ctx, request, &request.StepId, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Restore(ctx, request, trailer)
		return err
	})
	if err != nil {
		return nil, err // the reply may still be on its way
	}
	return read(reply.Observations), nil
}

// Fork opens a second environment whose slots continue from slots of this one; repetition allowed, none: all.
func (e *Environment) Fork(ctx context.Context, slots ...uint32) (*Environment, error) {
	request := &pb.ForkRequest{
		Environment: e.info.Environment, Slots: slots, CreateId: newCreateID(),
	}
	var reply *pb.ForkReply
	err := e.client.call(ctx, true, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		reply, err = e.client.stub.Fork(ctx, request, trailer)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.client.Attach(reply.Environment, e.pictures), nil
}

// Close frees the slots. Closing twice is fine.
func (e *Environment) Close(ctx context.Context) error {
	e.lock.Lock()
	defer e.lock.Unlock()
	if e.isClosed {
		return nil
	}
	err := e.client.call(ctx, true, func(ctx context.Context, trailer grpc.CallOption) error {
		_, err := e.client.stub.Close(ctx, &pb.CloseRequest{Environment: e.info.Environment}, trailer)
		return err
	})
	e.isClosed = err == nil || IsCode(err, codes.NotFound)
	if e.isClosed {
		return nil
	}
	return err
}

func (e *Environment) observe(names []string) *pb.ObservationRequest {
	if names == nil {
		return nil
	}
	return e.pictures.request(names)
}

// numbered makes a call that changes the environment. It goes on when the context has ended: that stops the wait, not
// the work. A repeated number gets the recorded reply, so a call that is tried again never acts twice.
func (e *Environment) numbered(
	ctx context.Context, request proto.Message, number *uint64, call func(context.Context, grpc.CallOption) error,
) error {
	// What cannot be sent must not take a number: nobody would ever answer it.
	if _, err := proto.Marshal(request); err != nil {
		return wrongArgument("", "The request cannot be sent: %v. Give texts in UTF-8.", err)
	}
	mine, result := make(chan struct{}), make(chan error, 1)
	e.lock.Lock()
	before := e.last
	e.last = mine
	e.lock.Unlock()
	go func() {
		defer close(mine)
		if before != nil {
			<-before
		}
		result <- e.carryOut(detached{ctx}, number, call)
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return errorFrom(status.FromContextError(ctx.Err()).Err(), nil)
	}
}

// Calls take turns, so nothing here is locked.
func (e *Environment) carryOut(
	ctx context.Context, number *uint64, call func(context.Context, grpc.CallOption) error,
) error {
	if e.unanswered != nil {
		// The server could not be reached for long; what was asked then comes first.
		if err := e.ask(ctx); err != nil && isUncertain(err) {
			return err
		}
	}
	*number = e.nextStep
	e.unanswered = func(ctx context.Context) error { return e.client.call(ctx, true, call) }
	return e.ask(ctx)
}

func (e *Environment) ask(ctx context.Context) error {
	err := e.unanswered(ctx)
	if err != nil && isUncertain(err) {
		return err
	}
	e.unanswered = nil
	if err == nil {
		e.nextStep++
	}
	return err
}

// detached has a context's values, but not its end.
type detached struct{ values context.Context }

func (d detached) Deadline() (time.Time, bool)       { return time.Time{}, false }
func (d detached) Done() <-chan struct{}             { return nil }
func (d detached) Err() error                        { return nil }
func (d detached) Value(key interface{}) interface{} { return d.values.Value(key) }
