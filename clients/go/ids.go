package physintuition

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
)

// newSessionID names a session before it is opened, so that a load balancer that hashes the name sends OpenSession
// where it sends the calls after it. Each attempt has a name of its own: one whose reply was lost has taken its name.
func newSessionID() string { return hex.EncodeToString(random(16)) }

// newCreateID numbers a Create or Fork, so that one sent again finds the environment that it opened and nobody
// else's.
func newCreateID() uint64 { return binary.LittleEndian.Uint64(random(8)) | 1 } // 0 is no number

func random(bytes int) []byte {
	value := make([]byte, bytes)
	if _, err := rand.Read(value); err != nil {
		panic(err) // The system has no random numbers; nothing can be secret.
	}
	return value
}
