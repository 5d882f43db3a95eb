//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rivo/uniseg"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onTerminal runs the program on a terminal of some columns, and returns what is drawn there.
func onTerminal(t *testing.T, columns uint16, stdin io.Reader, env []string, args ...string) (status int, drawn string) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program, args...)
	command.Env = append(append(os.Environ(), "CONTACT_BE=contact", "TERM=xterm"), env...)
	screen, tty, err := pty.Open()
	require.NoError(t, err)
	defer screen.Close()
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: columns}))
	command.Stdin, command.Stdout, command.Stderr = stdin, tty, tty
	require.NoError(t, command.Start())
	require.NoError(t, tty.Close())
	var out bytes.Buffer
	_, err = io.Copy(&out, screen) // the terminal ends with an error where its last writer has gone
	if err != nil && !errors.Is(err, syscall.EIO) {
		require.NoError(t, err)
	}
	_ = command.Wait()
	return command.ProcessState.ExitCode(), strings.ReplaceAll(out.String(), "\r\n", "\n")
}

// TestTerminal: people get texts, with the line and a caret, and JSON that is indented.
func TestTerminal(t *testing.T) {
	const plain = "NO_COLOR=1"
	patch := write(t, "patch.json", []string{"{", "\t\"city\": \"大阪\", \"birthdate\": \"1990-02-30\",", ` "name_frist": 1,`, ` "sms_opted_in": "x", "city": "y",`, ` "meta_public": {"a": [{"b": 1, "b": 2}]}`, "}"})
	status, drawn := onTerminal(t, 80, nil, []string{plain}, "validate", patch)
	assert.Equal(t, exitInvalid, status)
	assert.Equal(t, patch+`: 5 errors
  Duplicate member at /city: `+"\x00"+`
  4:23 │  "sms_opted_in": "x", "city": "y",
       │                       ^
  Invalid format at /birthdate: `+"\x00"+`
  2:29 │  "city": "大阪", "birthdate": "1990-02-30",
       │                               ^
  Invalid type at /sms_opted_in: `+"\x00"+`
  4:18 │  "sms_opted_in": "x", "city": "y",
       │                  ^
  Duplicate member at /meta_public/a/0/b: `+"\x00"+`
  5:33 │  "meta_public": {"a": [{"b": 1, "b": 2}]}
       │                                 ^
  Unknown field at /name_frist: `+"\x00"+`
  3:2 │  "name_frist": 1,
      │  ^
`, regexp.MustCompile(`(at /[^ ]*:) .*`).ReplaceAllString(drawn, "$1 \x00"))

	broken := write(t, "broken.json", []string{`{"city": "` + strings.Repeat("x", 200) + `", 'state': "` + strings.Repeat("y", 200) + `"}`})
	status, drawn = onTerminal(t, 60, nil, []string{plain}, "validate", broken)
	assert.Equal(t, exitInvalid, status)
	lines := strings.Split(drawn, "\n")
	require.Len(t, lines, 5, drawn)
	assert.Regexp(t, `^  1:214 │ …x+", 'state': "y+…$`, lines[2])
	assert.Equal(t, uniseg.StringWidth(lines[2][:strings.Index(lines[2], "'")]), uniseg.StringWidth(lines[3][:strings.Index(lines[3], "^")]), drawn)
	assert.LessOrEqual(t, len([]rune(lines[2])), 60)

	status, drawn = onTerminal(t, 80, nil, []string{plain}, "validate", "--ndjson", write(t, "lines", []string{`{"id":"` + firstID + `","city":1}`, "[]"}))
	assert.Equal(t, exitInvalid, status)
	assert.Regexp(t, `^line 1, `+firstID+`: Invalid type at /city: `, drawn)
	assert.Regexp(t, `\nline 2: Invalid type: `, drawn)

	status, drawn = onTerminal(t, 80, nil, []string{plain}, "import", "-", "--json=false")
	assert.Equal(t, exitTrouble, status)
	assert.Contains(t, drawn, "there is no header")

	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "{\n  \"city\": null\n}\n"}, {[]string{"-c"}, "{\"city\":null}\n"}, {[]string{"--compact", "--json"}, "{\"city\":null}\n"}, {[]string{"--json"}, "{\"city\":null}\n"},
	} {
		other := write(t, "other", []string{strings.Replace(read(theContact), `"city": "Chicago",`, "", 1)})
		status, drawn = onTerminal(t, 80, nil, nil, append([]string{"diff", theContact, other}, c.args...)...)
		assert.Equal(t, exitOK, status)
		assert.Equal(t, c.want, drawn, c.args)
	}

	_, drawn = onTerminal(t, 80, nil, nil, "validate", theContact)
	assert.Equal(t, theContact+": \x1b[32mvalid\x1b[m\n", drawn)
	for _, env := range []string{plain, "TERM=dumb"} {
		_, drawn = onTerminal(t, 80, nil, []string{env}, "validate", theContact)
		assert.Equal(t, theContact+": valid\n", drawn)
	}
	_, drawn = onTerminal(t, 80, nil, []string{plain}, "validate", "--json", theContact)
	assert.Equal(t, `{"file":"`+theContact+`","valid":true}`+"\n", drawn)
}

// A slowReader hands out a text in pieces, with a pause after each.
type slowReader struct {
	io.Reader
	pause time.Duration
}

func (s slowReader) Read(p []byte) (int, error) {
	time.Sleep(s.pause)
	return s.Reader.Read(p[:min(len(p), 16<<10)])
}

// TestProgress: the bar stays on one line of any terminal, and is gone at the end.
func TestProgress(t *testing.T) {
	lines := sampleLines(t, 200, 0)
	for _, columns := range []uint16{28, 40, 80, 200} {
		feed := slowReader{strings.NewReader(lines), 30 * time.Millisecond}
		status, drawn := onTerminal(t, columns, feed, []string{"NO_COLOR=1"}, "validate", "--ndjson", "-")
		assert.Equal(t, exitOK, status)
		bar, _, _ := strings.Cut(drawn, "{")
		assert.NotContains(t, bar, "\n", "%q", drawn)
		frames := strings.Split(strings.TrimPrefix(bar, "\x1b[?7l"), "\x1b[?7h\x1b[?7l")
		assert.Greater(t, len(frames), 2)
		rates := 0
		for _, frame := range frames {
			text := []rune(regexp.MustCompile(`[\r\n]|\x1b\[[0-9?]*[A-Za-z]`).ReplaceAllString(frame, ""))
			shown := string(text[:min(len(text), int(columns))]) // the terminal does not wrap
			if strings.Contains(shown, "B/s") {
				rates++
			}
		}
		assert.Positive(t, rates, "%q", frames)
	}
	// A file has an end, so there is the time left, too.
	for _, columns := range []uint16{30, 120} {
		screen, tty, err := pty.Open()
		require.NoError(t, err)
		require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: columns}))
		in := &input{size: 1000}
		p := (&env{stderr: tty}).progress("merge", in)
		for _, done := range []int64{250, 500, 1000} {
			in.done.Store(done)
			p.next = time.Time{}
			p.draw()
		}
		p.clear()
		require.NoError(t, tty.Close())
		var out bytes.Buffer
		_, _ = io.Copy(&out, screen) // it ends with an error where the last writer has gone
		require.NoError(t, screen.Close())
		for _, percent := range []string{"25%", "50%", "99%"} {
			assert.Regexp(t, percent+`.*B/s\) \[\d+s:\d+s\]`, out.String())
		}
	}
}
