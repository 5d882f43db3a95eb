package main

import (
	"context"
	"sync"
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
// where too many wait already.
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
