package physintuition

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

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
	last     chan struct{} // closed when the last call of the environment is over
	isClosed bool

	// Of the call whose turn it is.
	number     uint32 // in its session
	epoch      int    // of that session
	nextStep   uint64
	unanswered proto.Message // a numbered request whose outcome is not known
	history    *history      // nil: it is not brought back
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
	info, epoch, err := c.create(ctx, request)
	if err != nil {
		return nil, err
	}
	environment := c.Attach(info, settings.Pictures)
	environment.epoch = epoch
	if c.recovers() {
		environment.history = newHistory(request, int(info.Slots), nil)
	}
	return environment, nil
}

// Attach gives an environment that a resumed session already owns.
func (c *Client) Attach(info *pb.EnvironmentInfo, pictures Pictures) *Environment {
	return &Environment{
		client: c, info: info, pictures: pictures, number: info.Environment, epoch: c.currentEpoch(),
		nextStep: info.LastStepId + 1,
	}
}

// Info says what the server knows of the environment: slots, split, the options in force.
func (e *Environment) Info() *pb.EnvironmentInfo { return e.info }

// Reset starts episodes in all slots, or in those of the mask, and returns their first observations.
func (e *Environment) Reset(ctx context.Context, settings ResetSettings) (Observations, error) {
	request := &pb.ResetRequest{
		Seed: settings.Seed, Seeds: settings.Seeds, Mask: settings.Mask,
		OptionsJson: settings.Options, Observe: e.observe(settings.Observe),
	}
	reply, err := e.numbered(ctx, request)
	if err != nil {
		return nil, err
	}
	return read(reply.(*pb.ResetReply).Observations), nil
}

// Step acts once in every slot, or in those of the mask.
func (e *Environment) Step(ctx context.Context, actions Actions, settings ...StepSettings) (*Step, error) {
	request := &pb.StepRequest{}
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
	answer, err := e.numbered(ctx, request)
	if err != nil {
		return nil, err
	}
	reply := answer.(*pb.StepReply)
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
	request := &pb.RenderRequest{Slots: slots, Observe: shown.request(names)}
	reply, err := e.inTurn(ctx, func(ctx context.Context) (proto.Message, error) { return e.recovered(ctx, request) })
	if err != nil {
		return nil, err
	}
	return read(reply.(*pb.RenderReply).Observations), nil
}

// Snapshot captures the state of slots in a few bytes; no slots: all.
func (e *Environment) Snapshot(ctx context.Context, slots ...uint32) ([]byte, error) {
	request := &pb.SnapshotRequest{Slots: slots}
	reply, err := e.inTurn(ctx, func(ctx context.Context) (proto.Message, error) { return e.recovered(ctx, request) })
	if err != nil {
		return nil, err
	}
	return reply.(*pb.SnapshotReply).Snapshot, nil
}

// Restore puts captured states into slots: row i continues from captured slot sources[i], or i without sources.
func (e *Environment) Restore(
	ctx context.Context, snapshot []byte, sources []uint32, mask []byte,
) (Observations, error) {
	request := &pb.RestoreRequest{
		Snapshot: snapshot, Sources: sources, Mask: mask,
	}
	reply, err := e.numbered(ctx, request)
	if err != nil {
		return nil, err
	}
	return read(reply.(*pb.ResetReply).Observations), nil
}

// Fork opens a second environment whose slots continue from slots of this one; repetition allowed, none: all.
func (e *Environment) Fork(ctx context.Context, slots ...uint32) (*Environment, error) {
	request := &pb.ForkRequest{Slots: slots, CreateId: newCreateID(), WithoutObservations: true}
	var kept *history
	epoch := 0
	reply, err := e.inTurn(ctx, func(ctx context.Context) (proto.Message, error) {
		if e.history != nil {
			state, err := e.recovered(ctx, &pb.SnapshotRequest{Slots: slots})
			if err != nil {
				return nil, err
			}
			count := len(slots)
			if count == 0 {
				count = int(e.info.Slots)
			}
			kept = e.history.ofFork(count, state.(*pb.SnapshotReply).Snapshot)
		}
		reply, err := e.recovered(ctx, request)
		epoch = e.epoch
		return reply, err
	})
	if err != nil {
		return nil, err
	}
	forked := e.client.Attach(reply.(*pb.ForkReply).Environment, e.pictures)
	forked.history, forked.epoch = kept, epoch
	return forked, nil
}

// Close frees the slots. Closing twice is fine.
func (e *Environment) Close(ctx context.Context) error {
	_, err := e.inTurn(ctx, func(ctx context.Context) (proto.Message, error) {
		if e.isClosed {
			return nil, nil
		}
		_, err := e.client.send(ctx, e.epoch, e.addressed(&pb.CloseRequest{}, 0))
		if e.isClosed = err == nil || IsCode(err, codes.NotFound); e.isClosed {
			e.history, err = nil, nil
		}
		return nil, err
	})
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
func (e *Environment) numbered(ctx context.Context, request proto.Message) (proto.Message, error) {
	// What cannot be sent must not take a number: nobody would ever answer it.
	if _, err := proto.Marshal(request); err != nil {
		return nil, wrongArgument("", "The request cannot be sent: %v. Give texts in UTF-8.", err)
	}
	return e.inTurn(ctx, func(ctx context.Context) (proto.Message, error) { return e.carryOut(ctx, request) })
}

// inTurn makes a call once those before it are over.
func (e *Environment) inTurn(
	ctx context.Context, call func(context.Context) (proto.Message, error),
) (proto.Message, error) {
	type answer struct {
		reply proto.Message
		err   error
	}
	mine, result := make(chan struct{}), make(chan answer, 1)
	e.lock.Lock()
	before := e.last
	e.last = mine
	e.lock.Unlock()
	go func() {
		defer close(mine)
		if before != nil {
			<-before
		}
		reply, err := call(detached{ctx})
		result <- answer{reply, err}
	}()
	select {
	case got := <-result:
		return got.reply, got.err
	case <-ctx.Done():
		return nil, errorFrom(status.FromContextError(ctx.Err()).Err(), nil)
	}
}

// Calls take turns, so nothing here is locked.
func (e *Environment) carryOut(ctx context.Context, request proto.Message) (proto.Message, error) {
	if e.unanswered != nil {
		// The server could not be reached for long; what was asked then comes first.
		if _, err := e.ask(ctx); err != nil && isUncertain(err) {
			return nil, err
		}
	}
	e.unanswered = request
	return e.ask(ctx)
}

func (e *Environment) ask(ctx context.Context) (reply proto.Message, err error) {
	for isKept := false; err == nil && !isKept; {
		if reply, err = e.recovered(ctx, e.unanswered); err == nil {
			isKept, err = e.isKept(ctx, e.unanswered, reply)
		}
	}
	if err != nil && isUncertain(err) {
		return nil, err
	}
	e.unanswered = nil
	if err == nil {
		e.nextStep++
	}
	return reply, err
}

// detached has a context's values, but not its end.
type detached struct{ values context.Context }

func (d detached) Deadline() (time.Time, bool)       { return time.Time{}, false }
func (d detached) Done() <-chan struct{}             { return nil }
func (d detached) Err() error                        { return nil }
func (d detached) Value(key interface{}) interface{} { return d.values.Value(key) }
