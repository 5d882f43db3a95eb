package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/scan"
)

// What a catalogue is asked for by name must have one: every fault but None and Depth, which is a
// rule of its own.
func TestEverySyntaxFaultHasAName(t *testing.T) {
	require.Len(t, faultNames, int(scan.Depth))
	seen := map[string]bool{}
	for _, name := range faultNames[1:] {
		require.NotEmpty(t, name)
		require.False(t, seen[name], name)
		seen[name] = true
	}
}
