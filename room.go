//go:build !wasm

package contact

import "sync"

// mergeRooms holds empty ones, for as long as the garbage collector lets them live.
var mergeRooms = sync.Pool{New: func() any { return new(mergeRoom) }}

// enterRoom returns an empty room.
func enterRoom() *mergeRoom { return mergeRooms.Get().(*mergeRoom) }

// leave empties the room: nothing of one call is there in the next.
func (m *mergeRoom) leave() {
	*m = mergeRoom{}
	mergeRooms.Put(m)
}
