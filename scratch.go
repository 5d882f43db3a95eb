//go:build !contact_small

package contact

import "sync"

// scratchPool holds cleared values, until the garbage collector frees them.
var scratchPool = sync.Pool{New: func() any { return new(mergeScratch) }}

// getScratch returns a cleared mergeScratch.
func getScratch() *mergeScratch { return scratchPool.Get().(*mergeScratch) }

// put clears m and returns it to the pool. Nothing that one call has read is left for the next.
func (m *mergeScratch) put() {
	m.patch, m.existing = Patch{}, Contact{}
	m.patchArena, m.existingArena = arena{}, arena{}
	clear(m.strings[:])
	scratchPool.Put(m)
}
