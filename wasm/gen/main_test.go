package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact/internal/scan"
)

func TestRulesAreCurrent(t *testing.T) {
	have, err := os.ReadFile("../src/rules.gen.ts")
	require.NoError(t, err)
	require.Equal(t, string(source()), string(have), "run go generate ./gen")
}

func TestFieldsAreCurrent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "fields.gen.ts")
	out, err := exec.Command("go", "run", "github.com/partner-contacts/contact/internal/fieldgen", "-types", file, "../..").CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	have, err := os.ReadFile("../src/fields.gen.ts")
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run go generate ./gen")
}

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
