//go:build unix && shells

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A session is a shell on a terminal.
type session struct {
	*os.File
	lock  sync.Mutex
	drawn string
}

func (s *session) read() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.drawn
}

// startShell starts a shell in a folder, with the folder bin first in its path.
func startShell(t *testing.T, bin, folder string, args ...string) *session {
	t.Helper()
	command := exec.Command(args[0], args[1:]...)
	command.Dir = folder
	command.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "LC_ALL=C.UTF-8",
		"HOME="+t.TempDir(), "PATH="+bin+":"+os.Getenv("PATH"))
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 50, Cols: 150})
	require.NoError(t, err)
	s := &session{File: terminal}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 4096)
		for {
			n, err := terminal.Read(buffer)
			s.lock.Lock()
			s.drawn += string(buffer[:n])
			s.lock.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill() // it has ended, or is to
		_ = command.Wait()
		_ = terminal.Close()
		<-ended
	})
	return s
}

// enter types a text and waits until the terminal shows another one after it.
func (s *session) enter(t *testing.T, typed string, want ...string) {
	t.Helper()
	before := len(s.read())
	_, err := io.WriteString(s, typed)
	require.NoError(t, err)
	for _, part := range want {
		if !assert.Eventually(t, func() bool { return strings.Contains(s.read()[before:], part) }, 20*time.Second, 20*time.Millisecond) {
			require.Fail(t, "not shown", "%q after %q:\n%s", part, typed, s.read()[before:])
		}
	}
}

// TestShells types into the shells: with the script that contact writes, each completes commands,
// flags, files and values, and shows descriptions. .ci/run test installs the shells.
func TestShells(t *testing.T) {
	bin := t.TempDir()
	out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, shell := range []struct {
		args []string
		load string
	}{
		{[]string{"bash", "--norc", "--noprofile", "-i"}, ". /usr/share/bash-completion/bash_completion; source <(contact completion bash)"},
		{[]string{"zsh", "-f", "-i"}, "autoload -U compinit; compinit -u; source <(contact completion zsh)"},
		{[]string{"fish"}, "contact completion fish | source"},
	} {
		t.Run(shell.args[0], func(t *testing.T) {
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "some-patch.json"), []byte("{}"), 0o600))
			require.NoError(t, os.Mkdir(filepath.Join(folder, "spill-folder"), 0o700))
			s := startShell(t, bin, folder, shell.args...)
			const clear = "\x15" // Ctrl-U
			s.enter(t, shell.load+"; echo rea''dy\n", "ready")
			s.enter(t, "contact val\t --help | head -n 1\n", "Check each file and print a line")
			s.enter(t, "contact validate some-p\t\n", "some-patch.json: valid")
			s.enter(t, "contact validate --max-by\t 1 some-patch.json\n", "1 error")
			s.enter(t, "contact import --empty nu\t --help | head -n 1\n", "Print a patch for every row")
			s.enter(t, "contact import --empty \t\t", "absent", "it leaves its field alone", "it clears its field")
			s.enter(t, clear+"contact m\t\t", "merge3", "Bring two changes of one contact together")
			s.enter(t, clear+"contact merge --res\t\t", "--resolution")
			s.enter(t, clear+"contact merge --temp s\t", "pill-folder")
			s.enter(t, clear+"contact import --match e\t --help | head -n 1\n", "Print a patch for every row")
		})
	}
}
