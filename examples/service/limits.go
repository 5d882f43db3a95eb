package main

import (
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

var errBusy = contact.NewServiceError(http.StatusTooManyRequests, "too_many_requests", "Too many requests",
	"Send fewer requests at once: too many of them wait already.")

// The bytes of bodies that are in memory at a time, and how long a client may pause in sending one.
const (
	teamBodies = 8 << 20
	allBodies  = 24 << 20
	bodyPause  = 5 * time.Second
)

// A budget counts the bytes of bodies that requests under way have read.
type budget struct {
	time  time.Duration // for a whole body
	all   *semaphore.Weighted
	teams sync.Map // *semaphore.Weighted by team: as many as have tokens
}

func newBudget() *budget { return &budget{time: readTime, all: semaphore.NewWeighted(allBodies)} }

// A meter is a body that counts against the budget.
type meter struct {
	io.ReadCloser
	all, team *semaphore.Weighted
	control   *http.ResponseController
	end       time.Time
	bytes     int64
}

func (b *budget) meter(w http.ResponseWriter, body io.ReadCloser, team contact.ID) *meter {
	of, _ := b.teams.LoadOrStore(team, semaphore.NewWeighted(teamBodies))
	return &meter{body, b.all, of.(*semaphore.Weighted), http.NewResponseController(w), time.Now().Add(b.time), 0}
}

func (m *meter) Read(p []byte) (int, error) {
	deadline := time.Now().Add(bodyPause)
	if deadline.After(m.end) {
		deadline = m.end
	}
	_ = m.control.SetReadDeadline(deadline) // a connection of a test may have none
	n, err := m.ReadCloser.Read(p)
	if !m.team.TryAcquire(int64(n)) {
		return 0, errBusy
	}
	if !m.all.TryAcquire(int64(n)) {
		m.team.Release(int64(n))
		return 0, contacthttp.ErrUnavailable
	}
	m.bytes += int64(n)
	return n, err
}

// release gives back what the body has taken.
func (m *meter) release() {
	m.team.Release(m.bytes)
	m.all.Release(m.bytes)
}
