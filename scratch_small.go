//go:build contact_small

package contact

// A module does without the pool of room.go: package sync would add 20 KB to what a page loads.

// getScratch allocates: the npm package omits the pool of scratch.go, because package sync would
// add 20 KB to the download.
func getScratch() *mergeScratch { return new(mergeScratch) }

func (m *mergeScratch) put() {}
