package main

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
)

var (
	errBusy = contact.NewServiceError(http.StatusTooManyRequests, "too_many_requests", "Too many requests",
		"Send fewer requests at once: too many of them wait already.")
	errFull = contact.NewServiceError(http.StatusServiceUnavailable, "service_unavailable", "Service unavailable",
		"Send the request again after a moment, with the same Idempotency-Key.")
)

// lanes let a number of holders for each key at once. The others wait in the order in which they
// came, and only so many of them.
type lanes[K comparable] struct {
	width, queue int // holders and waiters for each key

	mu   sync.Mutex
	open map[K]*lane
}

type lane struct {
	places chan struct{}
	users  int // holders and waiters
}

// enter waits for a place in the key's lane and returns how to leave it. It returns errBusy at once
// if too many wait already.
func (l *lanes[K]) enter(ctx context.Context, key K) (leave func(), err error) {
	l.mu.Lock()
	if l.open == nil {
		l.open = map[K]*lane{}
	}
	at := l.open[key]
	if at == nil {
		at = &lane{places: make(chan struct{}, l.width)}
		l.open[key] = at
	}
	if at.users == l.width+l.queue {
		l.mu.Unlock()
		return nil, errBusy
	}
	at.users++
	l.mu.Unlock()

	forget := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if at.users--; at.users == 0 {
			delete(l.open, key)
		}
	}
	select {
	case at.places <- struct{}{}:
		return func() { <-at.places; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ctx.Err()
	}
}

// users returns how many hold a place or wait for one.
func (l *lanes[K]) users() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lane := range l.open {
		n += lane.users
	}
	return n
}

// The bytes of bodies that are in memory at a time, and how long a client may pause in sending one.
const (
	teamBodies = 8 << 20
	allBodies  = 24 << 20
	bodyPause  = 5 * time.Second
)

// A budget counts the bytes of bodies that requests under way have read.
type budget struct {
	time time.Duration // for a whole body

	mu    sync.Mutex
	all   int64
	teams map[contact.ID]int64
}

// A meter is a body that counts against the budget.
type meter struct {
	io.ReadCloser
	budget *budget
	call   *call
	end    time.Time
}

func (b *budget) meter(body io.ReadCloser, c *call) io.ReadCloser {
	return &meter{body, b, c, time.Now().Add(b.time)}
}

func (m *meter) Read(p []byte) (int, error) {
	deadline := time.Now().Add(bodyPause)
	if deadline.After(m.end) {
		deadline = m.end
	}
	if c := m.call.w; c != nil {
		_ = http.NewResponseController(c).SetReadDeadline(deadline) // a connection of a test may have none
	}
	n, err := m.ReadCloser.Read(p)
	if full := m.budget.take(m.call, int64(n)); full != nil {
		return 0, full
	}
	return n, err
}

func (b *budget) take(c *call, n int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.teams == nil {
		b.teams = map[contact.ID]int64{}
	}
	switch {
	case b.teams[c.token.Team]+n > teamBodies:
		return errBusy
	case b.all+n > allBodies:
		return errFull
	}
	b.teams[c.token.Team] += n
	b.all += n
	c.bytes += n
	return nil
}

// release gives back what a request has taken.
func (b *budget) release(c *call) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.bytes == 0 {
		return
	}
	b.all -= c.bytes
	if b.teams[c.token.Team] -= c.bytes; b.teams[c.token.Team] == 0 {
		delete(b.teams, c.token.Team)
	}
	c.bytes = 0
}
