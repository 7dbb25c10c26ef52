package physintuition

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "physintuition/v1"
)

const errorTrailer = "physintuition-error-bin"

// Error is a failure that the caller can understand and fix.
type Error struct {
	Code    codes.Code // the gRPC status
	Message string     // field, value, rule and remedy in a sentence or two
	Reason  string     // stable, for programs, for example "OUT_OF_RANGE"; may be empty
	Field   string     // the request field at fault, in the wire's spelling; may be empty
	Value   string     // what it was
	Rule    string     // what is allowed
	Remedy  string     // what to do
	Option  string     // the server option that raises the limit that was reached

	RetryAfter time.Duration // after which a retry makes sense; 0: not before something is closed
}

func (e *Error) Error() string { return e.Message }

// IsCode tells whether err is an Error with this code.
func IsCode(err error, code codes.Code) bool {
	var fault *Error
	return errors.As(err, &fault) && fault.Code == code
}

// isUncertain: after these nobody knows whether the server has carried out the call.
func isUncertain(err error) bool {
	var fault *Error
	if !errors.As(err, &fault) {
		return true
	}
	switch fault.Code {
	case codes.Canceled, codes.DeadlineExceeded, codes.Internal, codes.Unavailable, codes.Unknown:
		return true
	}
	return false
}

func isDraining(err error) bool {
	var fault *Error
	return errors.As(err, &fault) && fault.Reason == "DRAINING"
}

func errorFrom(err error, trailer metadata.MD) error {
	told := status.Convert(err)
	fault := &Error{Code: told.Code(), Message: told.Message()}
	if fault.Message == "" {
		fault.Message = told.Code().String()
	}
	values := trailer.Get(errorTrailer)
	detail := &pb.Error{}
	if len(values) == 0 || proto.Unmarshal([]byte(values[0]), detail) != nil {
		return fault
	}
	if detail.Message != "" {
		fault.Message = detail.Message
	}
	fault.Reason, fault.Field, fault.Value = detail.Reason, detail.Field, detail.Value
	fault.Rule, fault.Remedy, fault.Option = detail.Rule, detail.Remedy, detail.Option
	fault.RetryAfter = time.Duration(detail.RetryAfterMs) * time.Millisecond
	return fault
}

// wrongArgument is an error found before anything was sent.
func wrongArgument(field, format string, values ...interface{}) error {
	return &Error{Code: codes.InvalidArgument, Field: field, Message: fmt.Sprintf(format, values...)}
}
