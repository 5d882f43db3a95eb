//go:build !contact_small

package contact

import "sync"

// mergeRooms holds empty ones, for as long as the garbage collector lets them live.
var scratchPool = sync.Pool{New: func() any { return new(mergeScratch) }}

// enterRoom returns an empty room.
func getScratch() *mergeScratch { return scratchPool.Get().(*mergeScratch) }

// leave empties the room: nothing that one call read is there in the next.
func (m *mergeScratch) put() {
	m.patch, m.existing = Patch{}, Contact{}
	m.patchArena, m.existingArena = arena{}, arena{}
	clear(m.strings[:])
	scratchPool.Put(m)
}
