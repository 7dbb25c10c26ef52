// Package physintuition talks to a PhysIntuition server: batches of block worlds to reset, step and render.
//
// Three nouns: a Client is a connection with a session of its own, an Environment a batch of slots that play one
// task, and a task is described by TaskInfo. Calls take a context; when it ends, the wait ends, not the work: the
// next call on the environment finds the step done. Calls that cannot reach the server are tried again for
// Options.Patience; steps are numbered, so none is carried out twice.
package physintuition

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	pb "physintuition/v1"
)

// Version of this client.
const Version = "0.1.0"

const (
	sessionKey    = "physintuition-session"
	messageLimit  = 512 << 20 // bytes
	firstPause    = 50 * time.Millisecond
	longestPause  = 2 * time.Second
	goodbye       = 5 * time.Second // for closing the session
	usualPatience = 30 * time.Second
)

// Options of a connection. The zero value is right for a server on this machine.
type Options struct {
	Token string        // API token, where the server asks for one
	Lease time.Duration // without a request after which the session ends; 0: the server's default
	// For which a call that cannot reach the server is tried again; below 0: not at all. 0: 30 s once the server has
	// been reached; before that, an address where nobody listens is told at once.
	Patience time.Duration
	TLS      *tls.Config // nil: plain text, or with https the certificates that the system trusts
	// The session outlives its server: any server of its cluster goes on with it. Wants a server of a cluster.
	Durable bool
	// A session that is lost with its server is rebuilt on another one, or on the same once it is back, from the last
	// snapshots and the calls since; the call that finds out takes longer. NoRecovery turns that off. Unseeded episodes,
	// and calls without a seeded reset of all slots for long, need snapshots, which servers read that share a snapshot
	// secret. Durable sessions are left to their cluster.
	NoRecovery bool
	Log        func(line string) // where the line goes that says so; nil: the standard logger
}

// Client is a connection to one server, with a session. Safe for concurrent use.
type Client struct {
	options   Options
	places    []place
	isReached int32 // atomic

	dialing     sync.Mutex
	at          int // of places
	stub        pb.EnvironmentServiceClient
	connections []*grpc.ClientConn // those that were left, too: calls may be under way

	lock     sync.Mutex
	id       string // of the session; empty: not yet opened
	secret   string
	epoch    int  // sessions that were lost and replaced
	isShared bool // another process may know of the session
}

// Connect prepares a connection; the first call makes it. The address is HOST:PORT, with or without http:// or
// https://, or unix:PATH; or several of them, separated by commas, of which the next one is used once nobody listens at
// the last; empty: what the environment variable PHYSINTUITION_SERVER names, else DefaultAddress.
func Connect(address string, options ...Options) (*Client, error) {
	places, err := parseAddresses(address)
	if err != nil {
		return nil, err
	}
	client := &Client{places: places}
	if len(options) > 0 {
		client.options = options[0]
	}
	return client, client.dial()
}

// dial prepares a connection to the place that is used now.
func (c *Client) dial() error {
	place, configured := c.places[c.at], c.options.TLS
	if configured == nil && place.isSecure {
		configured = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	security := grpc.WithInsecure()
	if configured != nil {
		security = grpc.WithTransportCredentials(credentials.NewTLS(configured))
	}
	dialer := func(ctx context.Context, target string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, place.network, target)
	}
	authority := grpc.WithAuthority("")
	if place.network == "unix" {
		authority = grpc.WithAuthority("localhost") // a path is none
	}
	pauses := backoff.Config{BaseDelay: firstPause, Multiplier: 2, Jitter: 0.2, MaxDelay: longestPause}
	connection, err := grpc.Dial(place.target, security, authority, grpc.WithNoProxy(),
		grpc.WithContextDialer(dialer),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: longestPause}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageLimit), grpc.MaxCallSendMsgSize(messageLimit)))
	if err != nil {
		return err
	}
	c.connections, c.stub = append(c.connections, connection), pb.NewEnvironmentServiceClient(connection)
	return nil
}

// service is the server that is used now.
func (c *Client) service() pb.EnvironmentServiceClient {
	c.dialing.Lock()
	defer c.dialing.Unlock()
	return c.stub
}

func (c *Client) where() place {
	c.dialing.Lock()
	defer c.dialing.Unlock()
	return c.places[c.at]
}

// hasMoved goes on with the next server that listens, where nobody does at the one that did not answer. With the
// session's name: servers of a cluster know it, others say so.
func (c *Client) hasMoved(from place, isDraining bool) bool {
	if len(c.places) == 1 || !isDraining && from.isListening() {
		return false
	}
	c.dialing.Lock()
	defer c.dialing.Unlock()
	for step := 1; c.places[c.at] == from && step < len(c.places); step++ {
		if other := (c.at + step) % len(c.places); c.places[other].isListening() {
			before := c.at
			c.at = other
			if c.dial() != nil {
				c.at = before
				return false
			}
		}
	}
	return c.places[c.at] != from
}

// send makes one call in the session of a number, or in none.
func (c *Client) send(ctx context.Context, epoch int, request proto.Message) (reply proto.Message, err error) {
	err = c.call(ctx, epoch, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		stub := c.service()
		switch request := request.(type) {
		case *pb.CreateRequest:
			reply, err = stub.Create(ctx, request, trailer)
		case *pb.ResetRequest:
			reply, err = stub.Reset(ctx, request, trailer)
		case *pb.StepRequest:
			reply, err = stub.Step(ctx, request, trailer)
		case *pb.RestoreRequest:
			reply, err = stub.Restore(ctx, request, trailer)
		case *pb.RenderRequest:
			reply, err = stub.Render(ctx, request, trailer)
		case *pb.SnapshotRequest:
			reply, err = stub.Snapshot(ctx, request, trailer)
		case *pb.ForkRequest:
			reply, err = stub.Fork(ctx, request, trailer)
		case *pb.CloseRequest:
			reply, err = stub.Close(ctx, request, trailer)
		}
		return err
	})
	return reply, err
}

// ServerInfo says what the server is, what it can do, and where its limits are.
func (c *Client) ServerInfo(ctx context.Context) (info *pb.ServerInfo, err error) {
	err = c.call(ctx, noSession, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		info, err = c.service().GetServerInfo(ctx, &pb.GetServerInfoRequest{}, trailer)
		return err
	})
	return info, err
}

// Tasks lists every task, in the order in which people should read them.
func (c *Client) Tasks(ctx context.Context) (tasks []*pb.TaskInfo, err error) {
	err = c.call(ctx, noSession, func(ctx context.Context, trailer grpc.CallOption) error {
		reply, err := c.service().ListTasks(ctx, &pb.ListTasksRequest{}, trailer)
		tasks = reply.GetTasks()
		return err
	})
	return tasks, err
}

// Task describes one task; the error for an unknown id lists those that exist.
func (c *Client) Task(ctx context.Context, id string) (task *pb.TaskInfo, err error) {
	err = c.call(ctx, noSession, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		task, err = c.service().GetTask(ctx, &pb.GetTaskRequest{Task: id}, trailer)
		return err
	})
	return task, err
}

// Session gives the id and the secret of the session; with both, Resume continues it from another process.
func (c *Client) Session(ctx context.Context) (id, secret string, err error) {
	id, secret, err = c.session(ctx, anySession)
	c.lock.Lock()
	c.isShared = true
	c.lock.Unlock()
	return id, secret, err
}

func (c *Client) session(ctx context.Context, epoch int) (id, secret string, err error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if epoch != anySession && epoch != c.epoch {
		return "", "", &Error{Code: codes.NotFound, Reason: unknownSession,
			Message: "The session is lost, and another one has taken its place."}
	}
	if c.id == "" {
		err = c.open(ctx)
	}
	return c.id, c.secret, err
}

// Resume takes over a session that another connection opened; says what it owns.
func (c *Client) Resume(ctx context.Context, id, secret string) (*pb.SessionInfo, error) {
	request := &pb.OpenSessionRequest{Client: name(), ResumeId: id, ResumeToken: secret}
	info, err := c.openWith(ctx, request)
	if err == nil {
		c.lock.Lock()
		c.id, c.secret, c.isShared = id, secret, true
		c.lock.Unlock()
	}
	return info, err
}

// Close ends the session and the connection. Closing twice is fine.
func (c *Client) Close() error {
	c.lock.Lock()
	id, secret := c.id, c.secret
	c.id = ""
	c.lock.Unlock()
	if id != "" {
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		// Where this fails the lease ends the session.
		_, _ = c.service().CloseSession(withSession(c.authorised(ctx), id, secret), &pb.CloseSessionRequest{})
	}
	c.dialing.Lock()
	defer c.dialing.Unlock()
	var err error
	for _, connection := range c.connections {
		if failure := connection.Close(); err == nil {
			err = failure
		}
	}
	c.connections = nil
	return err
}

// call makes a call, again and again while the server cannot be reached.
func (c *Client) call(
	ctx context.Context, epoch int, make func(context.Context, grpc.CallOption) error,
) error {
	patience := c.options.Patience
	if patience == 0 {
		patience = usualPatience
	}
	giveUp := time.Now().Add(patience)
	pause := firstPause
	for {
		place := c.where()
		err := c.once(ctx, epoch, make)
		if !IsCode(err, codes.Unavailable) {
			atomic.StoreInt32(&c.isReached, 1)
			return err
		}
		if c.hasMoved(place, isDraining(err)) && time.Now().Before(giveUp) {
			continue
		}
		isNew := atomic.LoadInt32(&c.isReached) == 0 && c.options.Patience == 0
		if isLate := time.Now().Add(pause).After(giveUp); isLate || isNew {
			if why := place.whyUnreachable(); why != "" {
				return &Error{Code: codes.Unavailable, Message: why}
			}
			if isLate {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		if pause *= 2; pause > longestPause {
			pause = longestPause
		}
	}
}

func (c *Client) once(
	ctx context.Context, epoch int, make func(context.Context, grpc.CallOption) error,
) error {
	sent := c.authorised(ctx)
	if epoch != noSession {
		id, secret, err := c.session(ctx, epoch)
		if err != nil {
			return err
		}
		sent = withSession(sent, id, secret)
	}
	var trailer metadata.MD
	if err := make(sent, grpc.Trailer(&trailer)); err != nil {
		return errorFrom(err, trailer)
	}
	return nil
}

// The caller holds the lock.
func (c *Client) open(ctx context.Context) error {
	info, err := c.openWith(ctx, &pb.OpenSessionRequest{
		Client: name(), LeaseSeconds: uint32(c.options.Lease / time.Second), Durable: c.options.Durable,
	})
	if err == nil {
		c.id, c.secret = info.Id, info.Token
	}
	return err
}

func (c *Client) openWith(ctx context.Context, request *pb.OpenSessionRequest) (info *pb.SessionInfo, err error) {
	err = c.call(ctx, noSession, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		id := request.ResumeId
		if id == "" {
			id = newSessionID()
		}
		ctx = metadata.AppendToOutgoingContext(ctx, sessionKey, id)
		info, err = c.service().OpenSession(ctx, request, trailer)
		return err
	})
	return info, err
}

func (c *Client) authorised(ctx context.Context) context.Context {
	if c.options.Token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.options.Token)
}

func withSession(ctx context.Context, id, secret string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, sessionKey, id, "physintuition-session-token", secret)
}

func name() string { return "physintuition-go/" + Version }
