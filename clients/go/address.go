package physintuition

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// DefaultAddress is where a server listens that was told nothing else.
const DefaultAddress = "127.0.0.1:50051"

// ServerVariable is the environment variable that names a server for a Connect without an address.
const ServerVariable = "PHYSINTUITION_SERVER"

const (
	defaultPort = "50051"
	look        = time.Second // for one look whether somebody listens
)

// place is where a server is.
type place struct {
	network, target string // as net.Dial and gRPC take them
	isSecure        bool
}

// parseAddress reads HOST:PORT with or without http:// or https://, or unix:PATH.
func parseAddress(address string) (place, error) {
	if address == "" {
		address = os.Getenv(ServerVariable)
	}
	if address = strings.TrimSpace(address); address == "" {
		address = DefaultAddress
	}
	if strings.HasPrefix(address, "unix:") {
		return place{"unix", strings.TrimPrefix(strings.TrimPrefix(address, "unix:"), "//"), false}, nil
	}
	text, port := address, defaultPort
	if strings.Contains(address, "://") {
		port = ""
	} else {
		text = "http://" + address
	}
	parts, err := url.Parse(text)
	if err != nil || (parts.Scheme != "http" && parts.Scheme != "https") || parts.Hostname() == "" || parts.User != nil ||
		strings.Trim(parts.Path, "/") != "" || parts.RawQuery != "" || strings.Count(parts.Hostname(), ":") == 1 {
		return place{}, wrongArgument("address", "'address' is %q; it must be HOST:PORT, http://HOST:PORT, "+
			"https://HOST:PORT or unix:PATH, for example %s.", address, DefaultAddress)
	}
	if parts.Port() != "" {
		port = parts.Port()
	} else if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[parts.Scheme]
	}
	return place{"tcp", net.JoinHostPort(parts.Hostname(), port), parts.Scheme == "https"}, nil
}

// parseAddresses reads one address, or several with commas.
func parseAddresses(addresses string) (places []place, err error) {
	if addresses == "" {
		addresses = os.Getenv(ServerVariable)
	}
	for _, address := range strings.Split(addresses, ",") {
		one, err := parseAddress(address)
		if err != nil {
			return nil, err
		}
		places = append(places, one)
	}
	return places, nil
}

// isListening tells whether somebody listens there.
func (p place) isListening() bool {
	connection, err := net.DialTimeout(p.network, p.target, look)
	if err == nil {
		_ = connection.Close()
	}
	return err == nil
}

// whyUnreachable says why nobody can be reached there, with the remedy; empty: somebody listens, or it cannot be told.
func (p place) whyUnreachable() string {
	connection, err := net.DialTimeout(p.network, p.target, look)
	if err == nil {
		_ = connection.Close()
		return ""
	}
	const remedy = "Start a server with './physintuition serve', or name another as address or in " + ServerVariable + "."
	var unknown *net.DNSError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return fmt.Sprintf("Nobody listens at %s. %s", p.target, remedy)
	case errors.As(err, &unknown):
		return fmt.Sprintf("There is no machine called '%s'. %s", unknown.Name, remedy)
	}
	return ""
}
