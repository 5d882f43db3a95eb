//go:build !wasip1

// These tests start the go command, which a program for WASI cannot.

package contracttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestImporting follows the README's recipe in an empty module: after it, and after go mod tidy, a program builds and runs.
func TestImporting(t *testing.T) {
	if testing.Short() {
		return // the compiler takes most of the time
	}
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(readme), "## Importing it before it is published\n\n```sh\n")
	require.True(t, ok)
	recipe, _, ok := strings.Cut(section, "```\n")
	require.True(t, ok)
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	yours := t.TempDir()
	run(t, yours, "go", "mod", "init", "example.org/yours")
	commands := strings.Split(strings.TrimSpace(recipe), "\n")
	require.Equal(t, []string{"git clone <this repository> contact", "cd your-module"}, commands[:2])
	for _, command := range commands[2:] {
		args := strings.Fields(strings.ReplaceAll(command, "=../contact", "="+root))
		run(t, yours, args[0], args[1:]...)
	}
	require.NoError(t, os.WriteFile(filepath.Join(yours, "main.go"), []byte(`package main

import (
	"fmt"

	"github.com/partner-contacts/contact"
)

func main() { fmt.Println(contact.CheckPatch([]byte("{}"))) }
`), 0o600))
	require.Equal(t, "<nil>\n", run(t, yours, "go", "run", "."))
	run(t, yours, "go", "mod", "tidy")
	require.Equal(t, "<nil>\n", run(t, yours, "go", "run", "."))
}
