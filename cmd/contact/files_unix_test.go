//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
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
	// A link that leads nowhere yet stays one, and leads to the file then.
	require.NoError(t, os.Symlink(filepath.Join("later", "new"), in("dangling")))
	require.NoError(t, os.Mkdir(in("later"), 0o700))
	status, _, stderr := call("", append(args, in("dangling"))...)
	assert.NotEqual(t, exitTrouble, status, stderr)
	link, err := os.Readlink(in("dangling"))
	require.NoError(t, err)
	assert.Equal(t, filepath.Join("later", "new"), link)
	assert.Equal(t, want, read(in("later/new")))
	assert.Equal(t, []string{"both", "dangling", "later", "link", "pipe", "private"}, names(t, folder))
}

// TestSignals ends the program in the middle of its work.
func TestSignals(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for _, sign := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		if signal.Ignored(sign) {
			continue // under nohup, which the command respects
		}
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

// TestOutputsAreNoInputs: an output that is an input, by whatever name, is refused before anything
// is opened, and the input stays as it is. A merge may replace its contacts.
func TestOutputsAreNoInputs(t *testing.T) {
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	for _, name := range []string{"contacts", "patches", "columns"} {
		require.NoError(t, os.WriteFile(in(name), []byte("{}\n"), 0o600))
		require.NoError(t, os.Symlink(name, in(name+"-link")))
		require.NoError(t, os.Link(in(name), in(name+"-hard")))
	}
	table := []string{"import", "--map", in("columns"), "--match", "email", "--contacts", in("contacts"), in("patches")}
	for _, c := range []struct {
		args   []string
		inputs []string
	}{
		{[]string{"merge", "--ndjson", in("contacts"), in("patches")}, []string{"patches"}},
		{[]string{"diff", "--ndjson", in("contacts"), in("patches")}, []string{"contacts", "patches"}},
		{table, []string{"contacts", "patches", "columns"}},
		{[]string{"export", in("contacts")}, []string{"contacts"}},
	} {
		for _, input := range c.inputs {
			open, err := os.Open(in(input))
			require.NoError(t, err)
			for _, name := range []string{in(input), in(input + "-link"), in(input + "-hard"), in(".") + "/" + input, fmt.Sprintf("/dev/fd/%d", open.Fd())} {
				for _, flag := range []string{"--output", "--rejects"} {
					status, stdout, stderr := call("", append(c.args, flag, name)...)
					assert.Equal(t, exitTrouble, status, "%v %s %s", c.args, flag, name)
					assert.Contains(t, stderr, "which it would replace")
					assert.Empty(t, stdout)
					assert.Equal(t, "{}\n", read(in(input)))
				}
			}
			require.NoError(t, open.Close())
		}
	}
	for _, args := range [][]string{{"-o", in("contacts-hard")}, {"-r", in("contacts")}, {"-r", in("contacts-link")}} {
		status, _, stderr := call("", append([]string{"merge", "--ndjson", in("contacts"), in("patches")}, args...)...)
		assert.Equal(t, exitTrouble, status, args)
		assert.Contains(t, stderr, "which it would replace")
	}
	// Standard output is a file that is read, too.
	file, err := os.OpenFile(in("contacts"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	var errs strings.Builder
	assert.Equal(t, exitTrouble, run([]string{"export", in("contacts")}, nil, file, &errs))
	assert.Contains(t, errs.String(), "standard output is the input")
	require.NoError(t, file.Close())

	one := `{"id":"` + firstID + `"}` + "\n"
	require.NoError(t, os.WriteFile(in("contacts"), []byte(one), 0o600))
	for _, name := range []string{in("contacts"), in("contacts-link")} {
		status, _, stderr := call(`{"id":"`+firstID+`","city":"Oslo"}`, "merge", "--ndjson", "--now", noon, "-o", name, in("contacts"), "-")
		assert.Equal(t, exitInvalid, status, stderr) // it has no updated_at
		assert.Equal(t, one, read(in("contacts")))
	}
	assert.Equal(t, "{}\n", read(in("patches")))
}

// TestOneStreamTwice: two names of one pipe would share its lines between them.
func TestOneStreamTwice(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for _, c := range []struct {
		names [2]string
		also  []string
	}{
		{[2]string{"-", "-"}, nil}, {[2]string{"-", "/dev/stdin"}, nil}, {[2]string{"/dev/stdin", "/proc/self/fd/0"}, nil},
		{[2]string{"-", "/dev/fd/0"}, []string{"--ndjson"}},
	} {
		for _, verb := range []string{"merge", "diff"} {
			command := exec.Command(program, append([]string{verb, c.names[0], c.names[1]}, c.also...)...)
			command.Env = append(os.Environ(), "CONTACT_BE=contact")
			command.Stdin = strings.NewReader("{}\n{}\n") // which the command gets by a pipe
			out, _ := command.CombinedOutput()
			assert.Equal(t, exitTrouble, command.ProcessState.ExitCode(), c.names)
			assert.Contains(t, string(out), "are one stream")
		}
	}
	// The null device is empty as often as it is read, and may be both.
	status, _, stderr := call("", "merge", "--ndjson", "-o", os.DevNull, "-r", os.DevNull, os.DevNull, os.DevNull)
	assert.Equal(t, exitOK, status, stderr)
}

// A tamperer changes a file when its text has been read.
type tamperer struct {
	io.Reader
	change func()
}

func (r *tamperer) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF {
		r.change()
		r.change = func() {}
	}
	return n, err
}

// TestChangedWhileRead: a file that is cut, grows or is rewritten while it is read gives no result,
// whether its lines are read once or twice.
func TestChangedWhileRead(t *testing.T) {
	contacts := sampleLines(t, 2000, 0)
	_, patches, _ := call("", "sample", "--lines", "2000", "--patches", "2000", "--shuffle")
	for name, change := range map[string]func(path string) error{
		"cut":       func(path string) error { return os.Truncate(path, 500_000) },
		"grown":     func(path string) error { return os.WriteFile(path, []byte(contacts+contacts[:600]), 0o600) },
		"rewritten": func(path string) error { return os.WriteFile(path, []byte(strings.ToLower(contacts)), 0o600) },
	} {
		for _, memory := range []string{"64KiB", "256MiB"} {
			for _, verb := range []string{"merge", "diff"} {
				folder := t.TempDir()
				path := filepath.Join(folder, "contacts")
				require.NoError(t, os.WriteFile(path, []byte(contacts), 0o600))
				old := time.Now().Add(-time.Hour)
				require.NoError(t, os.Chtimes(path, old, old))
				var errs strings.Builder
				in := &tamperer{strings.NewReader(patches), func() { require.NoError(t, change(path)) }}
				status := run([]string{verb, "--ndjson", "--memory", memory, "-o", filepath.Join(folder, "out"),
					"-r", filepath.Join(folder, "rejects"), path, "-"}, in, io.Discard, &errs)
				assert.Equal(t, exitTrouble, status, "%s %s %s", name, memory, verb)
				assert.Contains(t, errs.String(), "contacts: it changed while it was read", "%s %s %s", name, memory, verb)
				assert.Equal(t, []string{"contacts"}, names(t, folder))
			}
		}
	}
}

// TestBrokenPipe: the program ends as others do that SIGPIPE ends, and leaves no file behind.
func TestBrokenPipe(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	lines := write(t, "lines", []string{sampleLines(t, 3000, 0)})
	for _, output := range [][]string{nil, {"-o", "/dev/stdout"}, {"-o", "/dev/fd/1"}} {
		folder := t.TempDir()
		command := exec.Command(program, append([]string{"merge", "--ndjson", "-r", filepath.Join(folder, "rejects"), lines, theLines}, output...)...)
		command.Env = append(os.Environ(), "CONTACT_BE=contact")
		pipe, err := command.StdoutPipe()
		require.NoError(t, err)
		var errs strings.Builder
		command.Stderr = &errs
		require.NoError(t, command.Start())
		require.NoError(t, pipe.Close())
		_ = command.Wait()
		assert.Equal(t, exitPipe, command.ProcessState.ExitCode(), output)
		assert.Empty(t, errs.String())
		assert.Empty(t, names(t, folder))
	}
}

// TestIgnoredSignals: a program that nohup has started does not end with its terminal.
func TestIgnoredSignals(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command("sh", "-c", `trap "" HUP; "$0" validate --ndjson -`, program)
	command.Env = append(os.Environ(), "CONTACT_BE=contact")
	feed, err := command.StdinPipe()
	require.NoError(t, err)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	_, err = io.WriteString(feed, "[]\n")
	require.NoError(t, err)
	_, err = out.Read(make([]byte, 1)) // it is at work
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(-command.Process.Pid, syscall.SIGHUP))
	_, err = io.WriteString(feed, "{}\n")
	require.NoError(t, err)
	require.NoError(t, feed.Close())
	_, err = io.ReadAll(out)
	require.NoError(t, err)
	_ = command.Wait()
	assert.Equal(t, exitInvalid, command.ProcessState.ExitCode())
}

// TestFullDisk: the error names the output, in words that are not Go's.
func TestFullDisk(t *testing.T) {
	const full = "/dev/full" // no bytes fit there
	file, err := os.OpenFile(full, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer file.Close()
	for _, args := range [][]string{
		{"merge", "--ndjson", "-o", full, theLines, theLines}, {"merge", "--ndjson", "-r", full, theLines, write(t, "refused", []string{"[]"})},
		{"export", "-o", full, theLines}, {"export", theLines}, {"fields"}, {"sample"},
	} {
		var errs strings.Builder
		assert.Equal(t, exitTrouble, run(args, nil, file, &errs), args)
		assert.True(t, strings.HasSuffix("\n"+errs.String(), "\ncontact "+args[0]+": /dev/full: no space left on device\n"), "%v: %s", args, errs.String())
	}
}
