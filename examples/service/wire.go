package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// newServer returns an HTTP server with a limit on everything that a client
// can draw out. Serve it on a wireListener.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second, // headers and body
		WriteTimeout:      30 * time.Second, // from the end of the headers to the end of the answer
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,

		DisableGeneralOptionsHandler: true, // "OPTIONS *" is as unknown here as any other route
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, wireKey{}, c)
		},
	}
}

// wireListener makes the connections on which net/http's own refusals, the
// requests that reach no handler, have the error envelope too. net/http writes
// them as plain text, and closes without a word on headers that take too long.
type wireListener struct{ net.Listener }

func (l wireListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wireConn{Conn: c}, nil
}

// wireConn follows a connection from request to answer.
type wireConn struct {
	net.Conn
	state atomic.Int32
}

const (
	idle     = iota // between requests
	arriving        // a request has begun to come, and no handler has it yet
	handling        // a handler has it and will answer
)

type wireKey struct{}

// enterHandler says that the connection's request has reached its handler.
func enterHandler(ctx context.Context) {
	if c, ok := ctx.Value(wireKey{}).(*wireConn); ok {
		c.state.Store(handling)
	}
}

func (c *wireConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.state.CompareAndSwap(idle, arriving)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && c.state.CompareAndSwap(arriving, idle) {
		c.Conn.Write(refusal(http.StatusRequestTimeout)) // the connection is closed next, whatever comes of it
	}
	return n, err
}

// The end of every refusal's header in net/http, and of no answer of ours.
var plainRefusal = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

func (c *wireConn) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("HTTP/1.1 100 ")) {
		return c.Conn.Write(b) // to go on with the body is no answer yet
	}
	c.state.Store(idle)
	if !bytes.HasPrefix(b, []byte("HTTP/1.1 417 ")) && !bytes.Contains(b[:min(len(b), 256)], plainRefusal) {
		return c.Conn.Write(b)
	}
	status, err := strconv.Atoi(string(b[9:12]))
	if err != nil {
		status = http.StatusBadRequest
	}
	if _, err := c.Conn.Write(refusal(status)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// refusal is a whole HTTP answer with the error envelope.
func refusal(status int) []byte {
	p := *errRequest
	switch status {
	case http.StatusRequestTimeout:
		p = *errTimeout
	case http.StatusRequestHeaderFieldsTooLarge:
		p = problem{status, "headers_too_large", "Request header fields too large", "Send smaller headers.", ""}
	default:
		p.status = status
	}
	body := p.AppendJSON(nil)
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(body), body)
}
