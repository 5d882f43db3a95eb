//go:build !contact_small

package contact

import "sync"

// mergeRooms holds empty ones, for as long as the garbage collector lets them live.
var mergeRooms = sync.Pool{New: func() any { return new(mergeRoom) }}

// enterRoom returns an empty room.
func enterRoom() *mergeRoom { return mergeRooms.Get().(*mergeRoom) }

// leave empties the room: nothing that one call read is there in the next.
func (m *mergeRoom) leave() {
	m.patch, m.existing = Patch{}, Contact{}
	m.patchBlocks, m.existingBlocks = blocks{}, blocks{}
	clear(m.strings[:])
	mergeRooms.Put(m)
}
