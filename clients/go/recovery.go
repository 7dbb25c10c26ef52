package physintuition

import (
	"context"
	"errors"
	"hash/fnv"
	"log"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "physintuition/v1"
)

const (
	callsBetweenSnapshots = 256
	largestHistory        = 1 << 20 // bytes of calls that are kept at most, but for the last one
	sessionsPerCall       = 5       // that a call loses in a row before that is told
	noSession, anySession = -1, -2  // in place of the number of a session
	unknownSession        = "UNKNOWN_SESSION"
)

// history is what brings an environment back in another session: its last snapshot and the calls since. Calls since a
// seeded reset of all slots are enough; where there is none for long, a snapshot takes the place of what came before.
type history struct {
	create          *pb.CreateRequest
	snapshot        []byte
	open, isKnown   []bool // slots with an episode; slots whose further seeds follow from what is kept
	isHeld          []bool // slots that the snapshot holds
	hasOtherOptions bool
	calls           []keptCall
	bytes, wait     int
}

type keptCall struct {
	request proto.Message
	outcome uint64 // a fingerprint of what the reply said of its episodes' ends; 0: nothing
}

func newHistory(create *pb.CreateRequest, slots int, snapshot []byte) *history {
	h := &history{create: create, snapshot: snapshot, wait: callsBetweenSnapshots, hasOtherOptions: snapshot != nil}
	h.open, h.isKnown, h.isHeld = make([]bool, slots), make([]bool, slots), make([]bool, slots)
	for slot := range h.open {
		h.open[slot], h.isKnown[slot], h.isHeld[slot] = snapshot != nil, snapshot != nil, snapshot != nil
	}
	return h
}

// isDrawn tells whether the server draws what nobody can repeat: then its reply is kept as a snapshot, or not at all.
func (h *history) isDrawn(request proto.Message) bool {
	reset, isReset := request.(*pb.ResetRequest)
	if !isReset || isSeeded(reset) {
		return false
	}
	for slot, isKnown := range h.isKnown {
		if !isKnown && takes(reset.Mask, slot) {
			return true
		}
	}
	return false
}

// add keeps a call that was answered. True: a snapshot should take the place of what is kept.
func (h *history) add(request, reply proto.Message) bool {
	isDrawn := h.isDrawn(request)
	switch request := request.(type) {
	case *pb.ResetRequest:
		if isSeeded(request) && len(request.Mask) == 0 && !h.hasOtherOptions {
			h.snapshot = nil
			h.forgetCalls()
		}
		h.hasOtherOptions = h.hasOtherOptions || len(request.OptionsJson) > 0
		h.begin(request.Mask, isSeeded(request))
	case *pb.RestoreRequest:
		h.hasOtherOptions = true
		h.begin(request.Mask, true)
	}
	if !isDrawn {
		h.calls = append(h.calls, keptCall{request, outcomeOf(reply)})
		h.bytes += proto.Size(request)
		h.wait--
	}
	return isDrawn || h.wait <= 0 || h.bytes > largestHistory
}

// capture asks for every slot that has a state; where it is refused, the next attempt is as far away.
func (h *history) capture() *pb.SnapshotRequest {
	h.wait = callsBetweenSnapshots
	request := &pb.SnapshotRequest{}
	for slot, isOpen := range h.open {
		if isOpen {
			request.Slots = append(request.Slots, uint32(slot))
		}
	}
	return request
}

// keep takes a snapshot of all that was done so far.
func (h *history) keep(snapshot []byte) {
	h.snapshot, h.hasOtherOptions = snapshot, true
	copy(h.isKnown, h.open)
	copy(h.isHeld, h.open)
	h.forgetCalls()
}

// replay gives the calls that lead to the state; without pictures, only with hashes that were asked for.
func (h *history) replay() []keptCall {
	var calls []keptCall
	if h.snapshot != nil {
		mask := make([]byte, len(h.isHeld))
		isWhole := true
		for slot, isHeld := range h.isHeld {
			if isWhole = isWhole && isHeld; isHeld {
				mask[slot] = 1
			}
		}
		if isWhole {
			mask = nil
		}
		restore := &pb.RestoreRequest{Snapshot: h.snapshot, Mask: mask, Observe: &pb.ObservationRequest{}}
		calls = append(calls, keptCall{restore, 0})
	}
	for _, call := range h.calls {
		again := proto.Clone(call.request)
		switch request := again.(type) {
		case *pb.ResetRequest:
			request.Observe = h.hashesOf(request.Observe)
		case *pb.StepRequest:
			request.Observe = h.hashesOf(request.Observe)
		case *pb.RestoreRequest:
			request.Observe = h.hashesOf(request.Observe)
		}
		calls = append(calls, keptCall{again, call.outcome})
	}
	return calls
}

// ofFork is the history of an environment that begins with a snapshot of this one.
func (h *history) ofFork(slots int, snapshot []byte) *history {
	create := proto.Clone(h.create).(*pb.CreateRequest)
	create.Slots, create.SlotOptionsJson = uint32(slots), nil
	return newHistory(create, slots, snapshot)
}

func (h *history) begin(mask []byte, isKnown bool) {
	for slot := range h.open {
		if takes(mask, slot) {
			h.open[slot], h.isKnown[slot] = true, h.isKnown[slot] || isKnown
		}
	}
}

func (h *history) hashesOf(observe *pb.ObservationRequest) *pb.ObservationRequest {
	if observe == nil {
		observe = h.create.Observe
	}
	hashes := &pb.ObservationRequest{}
	for _, name := range observe.GetNames() {
		if isHash(name) {
			hashes.Names = append(hashes.Names, name)
		}
	}
	return hashes
}

func (h *history) forgetCalls() { h.calls, h.bytes, h.wait = nil, 0, callsBetweenSnapshots }

func isSeeded(request *pb.ResetRequest) bool { return request.Seed != nil || len(request.Seeds) > 0 }

func takes(mask []byte, slot int) bool { return len(mask) == 0 || slot < len(mask) && mask[slot] == 1 }

func isHash(name string) bool { return name == "scene_hash" || name == "outcome_hash" }

func outcomeOf(reply proto.Message) uint64 {
	sum := fnv.New64a()
	var observations []*pb.Observation
	switch reply := reply.(type) {
	case *pb.StepReply:
		for _, part := range [][]byte{reply.Rewards, reply.Terminated, reply.Truncated, reply.Started} {
			_, _ = sum.Write(part)
		}
		observations = reply.Observations
	case *pb.ResetReply:
		observations = reply.Observations
	}
	for _, observation := range observations {
		if isHash(observation.Name) {
			_, _ = sum.Write(observation.GetTensor().GetData())
		}
	}
	return sum.Sum64() | 1
}

func isUnknown(err error) bool {
	var fault *Error
	return errors.As(err, &fault) && fault.Code == codes.NotFound && fault.Reason == unknownSession
}

func sessionLost(message string) error {
	return &Error{Code: codes.NotFound, Reason: "SESSION_LOST", Message: message}
}

// recovers tells whether a lost session is replaced; not where another process may have used it, or a cluster keeps it.
func (c *Client) recovers() bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return !c.options.NoRecovery && !c.options.Durable && !c.isShared
}

func (c *Client) currentEpoch() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.epoch
}

// renew lets the next call open another session, as the server does not know this one. False: it must not.
func (c *Client) renew(epoch int) bool {
	if !c.recovers() {
		return false
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if epoch == c.epoch {
		c.epoch++
		c.id, c.secret = "", ""
		tell := c.options.Log
		if tell == nil {
			tell = func(line string) { log.Print(line) }
		}
		tell("The session is lost; its environments go on at " + c.where().target +
			", rebuilt from their snapshots and calls.")
	}
	return true
}

// create opens an environment; says in which session.
func (c *Client) create(ctx context.Context, request *pb.CreateRequest) (*pb.EnvironmentInfo, int, error) {
	for left := sessionsPerCall; ; left-- {
		epoch := c.currentEpoch()
		reply, err := c.send(ctx, epoch, request)
		if err == nil {
			return reply.(*pb.CreateReply).Environment, epoch, nil
		}
		if !isUnknown(err) || left == 1 || !c.renew(epoch) {
			return nil, 0, err
		}
	}
}

// recovered makes a call, in another session where the last one is lost. It is the environment's turn.
func (e *Environment) recovered(ctx context.Context, request proto.Message) (proto.Message, error) {
	for left := sessionsPerCall; ; left-- {
		epoch := e.client.currentEpoch()
		err := e.rebuildFor(ctx, epoch)
		if err == nil {
			var reply proto.Message
			if reply, err = e.client.send(ctx, e.epoch, e.addressed(request, e.nextStep)); err == nil {
				return reply, nil
			}
		}
		if !isUnknown(err) || e.history == nil || left == 1 || !e.client.renew(epoch) {
			return nil, err
		}
	}
}

func (e *Environment) rebuildFor(ctx context.Context, epoch int) error {
	if e.history == nil || e.epoch == epoch {
		return nil
	}
	e.history.create.CreateId = newCreateID()
	info, opened, err := e.client.create(ctx, e.history.create)
	if err != nil {
		return err
	}
	e.number, e.nextStep, e.epoch = info.Environment, 1, -1 // until it is whole
	for _, call := range e.history.replay() {
		reply, err := e.client.send(ctx, opened, e.addressed(call.request, e.nextStep))
		var fault *Error
		if errors.As(err, &fault) && fault.Reason == "WRONG_SNAPSHOT" {
			return sessionLost("The session is lost, and the server at " + e.client.where().target + " cannot read " +
				"snapshots of the one that had it. Give both the same PhysIntuition:Engine:SnapshotSecret, or reset with " +
				"seeds, which needs no snapshot.")
		}
		if err != nil {
			return err
		}
		if call.outcome != 0 && call.outcome != outcomeOf(reply) {
			return sessionLost("A call of this " + e.info.Task + " environment had another outcome than where its " +
				"session was lost. The servers must be of the same version.")
		}
		e.nextStep++
	}
	e.epoch = opened
	return nil
}

// isKept is false where the session was lost before what the server drew was kept; nobody has seen the reply yet.
func (e *Environment) isKept(ctx context.Context, request, reply proto.Message) (bool, error) {
	if e.history == nil {
		return true, nil
	}
	isDrawn := e.history.isDrawn(request)
	if !e.history.add(request, reply) {
		return true, nil
	}
	epoch := e.epoch
	captured, err := e.client.send(ctx, epoch, e.addressed(e.history.capture(), 0))
	switch {
	case err == nil:
		e.history.keep(captured.(*pb.SnapshotReply).Snapshot)
	case isDrawn && isUnknown(err) && e.client.renew(epoch):
		return false, nil
	case isDrawn && isUncertain(err):
		return false, err
	case isDrawn:
		e.history = nil // It cannot be brought back: as without recovery.
	}
	return true, nil
}

// addressed gives a request the environment's number in its session, and a change its own.
func (e *Environment) addressed(request proto.Message, step uint64) proto.Message {
	switch request := request.(type) {
	case *pb.ResetRequest:
		request.Environment, request.StepId = e.number, step
	case *pb.StepRequest:
		request.Environment, request.StepId = e.number, step
	case *pb.RestoreRequest:
		request.Environment, request.StepId = e.number, step
	case *pb.RenderRequest:
		request.Environment = e.number
	case *pb.SnapshotRequest:
		request.Environment = e.number
	case *pb.ForkRequest:
		request.Environment = e.number
	case *pb.CloseRequest:
		request.Environment = e.number
	}
	return request
}
