//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOutputFiles: a file keeps its mode, and what is none is written to as it is.
func TestOutputFiles(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	args := []string{"merge", "--ndjson", theLines, theLines, "--output"}
	_, want, _ := call("", "merge", "--ndjson", theLines, theLines)

	require.NoError(t, os.WriteFile(in("private"), []byte("old"), 0o600))
	require.NoError(t, os.Symlink("private", in("link")))
	call("", append(args, in("link"))...)
	info, err := os.Lstat(in("link"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
	info, err = os.Stat(in("private"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, want, read(in("private")))

	require.NoError(t, syscall.Mkfifo(in("pipe"), 0o600))
	got := make(chan string, 1)
	go func() { got <- read(in("pipe")) }()
	call("", append(args, in("pipe"))...)
	assert.Equal(t, want, <-got)
	info, err = os.Lstat(in("pipe"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeNamedPipe)

	for _, name := range []string{os.DevNull, folder} {
		status, _, stderr := call("", append(args, name)...)
		assert.Equal(t, name == folder, status == exitTrouble, stderr)
	}
	// What stands in a file that is our own output stays: it goes on behind it.
	file, err := os.OpenFile(in("out"), os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = file.WriteString("before\n")
	require.NoError(t, err)
	call("", append(args, fmt.Sprintf("/proc/self/fd/%d", file.Fd()))...)
	_, err = file.WriteString("after\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	assert.Equal(t, "before\n"+want+"after\n", read(in("out")))
	require.NoError(t, os.Remove(in("out")))

	require.NoError(t, os.Symlink("private", in("both")))
	for _, command := range [][]string{{"merge", "--ndjson", theLines, theLines}, {"import", theLines}} {
		status, _, stderr := call("", append(command, "--output", in("both"), "--rejects", in(".")+"/private")...)
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, "name the same file")
	}
	assert.Equal(t, []string{"both", "link", "pipe", "private"}, names(t, folder))
}

// TestSignals ends the program in the middle of its work.
func TestSignals(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for _, sign := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		folder := t.TempDir()
		out := filepath.Join(folder, "out.ndjson")
		temp := filepath.Join(folder, "temp")
		require.NoError(t, os.Mkdir(temp, 0o700))
		patches := write(t, "p", slices.Repeat([]string{`{"id":"00000000-0000-4000-8000-000000000000"}`}, 1000))
		command := exec.Command(program, "merge", "--ndjson", "--memory", "64KiB", "--temp", temp, "--output", out, "-", patches)
		command.Env = append(os.Environ(), "CONTACT_BE=contact")
		feed, err := command.StdinPipe()
		require.NoError(t, err)
		require.NoError(t, command.Start())
		_, err = io.WriteString(feed, strings.Repeat(`{"id":"00000000-0000-4000-8000-000000000001"}`+"\n", 4000)) // there is more to come
		require.NoError(t, err)
		require.Eventually(t, func() bool { return len(names(t, folder)) > 1 }, 10*time.Second, time.Millisecond)
		require.NoError(t, command.Process.Signal(sign))
		require.Error(t, command.Wait())
		assert.NotContains(t, names(t, folder), "out.ndjson")
		if sign != syscall.SIGKILL {
			assert.Empty(t, names(t, temp), sign)
			assert.Equal(t, 128+int(sign), command.ProcessState.ExitCode())
			assert.Equal(t, []string{"temp"}, names(t, folder), sign)
		} else {
			require.Len(t, names(t, folder), 2)
		}
		call("", "merge", "--ndjson", "--temp", temp, "--output", out, theLines, theLines)
		assert.Equal(t, []string{"out.ndjson", "temp"}, names(t, folder), sign)
		assert.Empty(t, names(t, temp), sign)
	}
}
