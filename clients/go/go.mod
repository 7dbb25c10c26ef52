module physintuition

go 1.18

require (
	google.golang.org/grpc v1.33.3
	google.golang.org/protobuf v1.28.1
)
