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
}

// Client is a connection to one server, with a session. Safe for concurrent use.
type Client struct {
	stub       pb.EnvironmentServiceClient
	connection *grpc.ClientConn
	options    Options
	place      place
	isReached  int32 // atomic

	lock   sync.Mutex
	id     string // of the session; empty: not yet opened
	secret string
}

// Connect prepares a connection; the first call makes it. The address is HOST:PORT, with or without http:// or
// https://, or unix:PATH; empty: what the environment variable PHYSINTUITION_SERVER names, else DefaultAddress.
func Connect(address string, options ...Options) (*Client, error) {
	place, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	client := &Client{place: place}
	if len(options) > 0 {
		client.options = options[0]
	}
	if client.options.TLS == nil && place.isSecure {
		client.options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	security := grpc.WithInsecure()
	if client.options.TLS != nil {
		security = grpc.WithTransportCredentials(credentials.NewTLS(client.options.TLS))
	}
	dial := func(ctx context.Context, target string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, place.network, target)
	}
	authority := grpc.WithAuthority("")
	if place.network == "unix" {
		authority = grpc.WithAuthority("localhost") // a path is none
	}
	pauses := backoff.Config{BaseDelay: firstPause, Multiplier: 2, Jitter: 0.2, MaxDelay: longestPause}
	connection, err := grpc.Dial(place.target, security, authority, grpc.WithNoProxy(),
		grpc.WithContextDialer(dial),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: pauses, MinConnectTimeout: longestPause}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageLimit), grpc.MaxCallSendMsgSize(messageLimit)))
	if err != nil {
		return nil, err
	}
	client.connection, client.stub = connection, pb.NewEnvironmentServiceClient(connection)
	return client, nil
}

// ServerInfo says what the server is, what it can do, and where its limits are.
func (c *Client) ServerInfo(ctx context.Context) (info *pb.ServerInfo, err error) {
	err = c.call(ctx, false, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		info, err = c.stub.GetServerInfo(ctx, &pb.GetServerInfoRequest{}, trailer)
		return err
	})
	return info, err
}

// Tasks lists every task, in the order in which people should read them.
func (c *Client) Tasks(ctx context.Context) (tasks []*pb.TaskInfo, err error) {
	err = c.call(ctx, false, func(ctx context.Context, trailer grpc.CallOption) error {
		reply, err := c.stub.ListTasks(ctx, &pb.ListTasksRequest{}, trailer)
		tasks = reply.GetTasks()
		return err
	})
	return tasks, err
}

// Task describes one task; the error for an unknown id lists those that exist.
func (c *Client) Task(ctx context.Context, id string) (task *pb.TaskInfo, err error) {
	err = c.call(ctx, false, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		task, err = c.stub.GetTask(ctx, &pb.GetTaskRequest{Task: id}, trailer)
		return err
	})
	return task, err
}

// Session gives the id and the secret of the session; with both, Resume continues it from another process.
func (c *Client) Session(ctx context.Context) (id, secret string, err error) {
	c.lock.Lock()
	defer c.lock.Unlock()
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
		c.id, c.secret = id, secret
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
		_, _ = c.stub.CloseSession(withSession(c.authorised(ctx), id, secret), &pb.CloseSessionRequest{})
	}
	if c.connection == nil {
		return nil
	}
	err := c.connection.Close()
	c.connection = nil
	return err
}

// call makes a call, again and again while the server cannot be reached.
func (c *Client) call(
	ctx context.Context, isInSession bool, make func(context.Context, grpc.CallOption) error,
) error {
	patience := c.options.Patience
	if patience == 0 {
		patience = usualPatience
	}
	giveUp := time.Now().Add(patience)
	pause := firstPause
	for {
		err := c.once(ctx, isInSession, make)
		if !IsCode(err, codes.Unavailable) {
			atomic.StoreInt32(&c.isReached, 1)
			return err
		}
		isNew := atomic.LoadInt32(&c.isReached) == 0 && c.options.Patience == 0
		if isLate := time.Now().Add(pause).After(giveUp); isLate || isNew {
			if why := c.place.whyUnreachable(); why != "" {
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
	ctx context.Context, isInSession bool, make func(context.Context, grpc.CallOption) error,
) error {
	sent := c.authorised(ctx)
	if isInSession {
		id, secret, err := c.Session(ctx)
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
	err = c.call(ctx, false, func(ctx context.Context, trailer grpc.CallOption) (err error) {
		id := request.ResumeId
		if id == "" {
			id = newSessionID()
		}
		ctx = metadata.AppendToOutgoingContext(ctx, sessionKey, id)
		info, err = c.stub.OpenSession(ctx, request, trailer)
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
