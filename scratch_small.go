//go:build contact_small

package contact

// A module does without the pool of room.go: package sync would add 20 KB to what a page loads.

func getScratch() *mergeScratch { return new(mergeScratch) }

func (m *mergeScratch) put() {}
