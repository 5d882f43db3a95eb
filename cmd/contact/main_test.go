package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	goldenfile "github.com/partner-contacts/contact/internal/golden"
)

const (
	theContact = "../../testdata/contact.json"
	thePatch   = "../../testdata/patch.json"
	badPatch   = "../../testdata/invalid-patch.json"
)

// call runs the program in this process.
func call(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

// golden are calls whose whole output stands in testdata, one file for each: GOLDEN=write go test . writes them.
var golden = []struct {
	name, args, stdin string
	status            int
}{
	{"help", "--help", "", exitOK},
	{"help-validate", "validate --help", "", exitOK},
	{"help-merge", "help merge", "", exitOK},
	{"help-diff", "diff -h", "", exitOK},
	{"help-merge3", "merge3 --help", "", exitOK},
	{"help-fields", "fields --help", "", exitOK},
	{"help-import", "help import", "", exitOK},
	{"help-export", "help export", "", exitOK},
	{"help-sample", "help sample", "", exitOK},
	{"fields", "fields", "", exitOK},
	{"sample", "sample --lines 20 --invalid-every 2", "", exitOK},
	{"sample-patches", "sample --lines 3 --patches 12 --shuffle --invalid-every 6", "", exitOK},

	{"validate", "validate " + theContact + " " + thePatch, "", exitOK},
	{"validate-invalid", "validate " + badPatch + " " + theContact, "", exitInvalid},
	{"validate-stdin", "validate -", `{"name_first":"Ana"}`, exitOK},
	{"validate-complete", "validate " + thePatch + " --complete", "", exitInvalid},
	{"validate-complete-contact", "validate --complete " + theContact, "", exitOK},
	{"validate-stored", "validate --stored testdata/stored.json", "", exitOK},
	{"validate-not-stored", "validate --complete testdata/stored.json", "", exitInvalid},
	{"validate-ignore-unknown", "validate --ignore-unknown -", `{"shoe_size":"A","shoe_size":"B"}`, exitInvalid},
	{"validate-max-errors", "validate --max-errors 2 " + badPatch, "", exitInvalid},
	{"validate-max-depth", "validate --max-depth 2 -", `{"meta_public":{"a":[]}}`, exitInvalid},
	{"validate-max-bytes", "validate --max-bytes 10 -", `{"city": ""}`, exitInvalid},
	{"validate-max-bytes-none", "validate --max-bytes none -", "{}" + strings.Repeat(" ", 1<<20), exitOK},
	{"validate-max-bytes-usual", "validate -", "{}" + strings.Repeat(" ", 1<<20), exitInvalid},
	{"validate-stored-long", "validate --stored -", read(theContact) + strings.Repeat(" ", 1<<20), exitOK},
	{"validate-empty", "validate -", "", exitInvalid},
	{"validate-dashes", "validate -- testdata/stored.json", "", exitInvalid},

	{"merge", "merge --now 2026-06-01T12:00:00Z " + theContact + " " + thePatch, "", exitOK},
	{"merge-stored-long", "merge " + theContact + "  - --complete", "{}" + strings.Repeat(" ", 1<<20), exitInvalid},
	{"merge-nothing", "merge " + theContact + " -", `{}`, exitOK},
	{"merge-stored-timezone", "merge --now 2026-06-01T12:00:00Z testdata/stored.json -", `{"name_first":"Ana"}`, exitOK},
	{"merge-invalid", "merge " + theContact + " " + badPatch, "", exitInvalid},
	{"merge-immutable", "merge " + theContact + " -", `{"team_id":"a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"}`, exitInvalid},
	{"merge-stale", "merge " + theContact + " -", `{"updated_at":"2026-05-17T08:02:45.120003Z","city":""}`, exitInvalid},
	{"merge-allow-stale", "merge --allow-stale --now 2026-06-01T12:00:00Z " + theContact + " -", `{"updated_at":"2026-05-17T08:02:45.120003Z","county":null}`, exitOK},
	{"merge-complete", "merge --complete " + theContact + " -", `{"city":null}`, exitInvalid},
	{"merge-max-meta", "merge --max-meta 200 " + theContact + " -", `{"meta_public":{"note":"` + strings.Repeat("long ", 20) + `"}}`, exitInvalid},
	{"merge-not-a-contact", "merge - " + thePatch, "[]", exitInvalid},

	{"diff", "diff " + theContact + " -", strings.NewReplacer(
		`"Okafor"`, `"Reyes"`, `"email": "maria.okafor@example.org",`, "", `12.50`, `[12.5]`, `"language": "es"`, `"tone": null`,
	).Replace(read(theContact)), exitInvalid},
	{"diff-patch", "diff " + theContact + " -", strings.NewReplacer(
		`"Okafor"`, `"Reyes"`, `"email": "maria.okafor@example.org",`, "", `12.50`, `[12.5]`, `"language": "es"`, `"tone": "warm"`,
	).Replace(read(theContact)), exitOK},
	{"diff-same", "diff " + theContact + " " + theContact, "", exitOK},
	{"diff-identity", "diff " + theContact + " -", strings.Replace(read(theContact), "2024-03-09", "2024-03-10", 1), exitInvalid},
	{"diff-unreadable", "diff " + theContact + " testdata", "", exitTrouble},
	{"diff-not-a-contact", "diff " + theContact + " " + badPatch, "", exitInvalid},

	{"merge3", "merge3 " + theContact + " testdata/ours.json -", strings.Replace(read(theContact), `"Chicago"`, `"Cicero"`, 1), exitOK},
	{"merge3-conflicts", "merge3 " + theContact + " testdata/ours.json -", strings.NewReplacer(
		`"Okafor"`, `"<Reyes>"`, `"language": "es",`, "", `"phone_home": "+1 312 555 0142",`, `"phone_home": "&",`).Replace(read(theContact)), exitInvalid},
	{"merge3-identity", "merge3 " + theContact + " testdata/ours.json -", strings.Replace(read(theContact), "2024-03-09", "2024-03-10", 1), exitInvalid},
	{"merge3-unreadable", "merge3 " + theContact + " testdata/ours.json testdata/none.json", "", exitTrouble},

	{"ndjson", "validate --ndjson -", "{}\n{\"city\":1,\"x\":2}\r\n\n \t\r\n[]\n{\"city\":\"\n{\"city\":\"Oslo\"}\r\n\"last\"", exitInvalid},
	{"ndjson-valid", "validate --ndjson testdata/valid.ndjson", "", exitOK},
	{"ndjson-stored", "validate --ndjson --stored -", "{}\n", exitInvalid},
	{"ndjson-complete", "validate --ndjson --complete - --max-errors 1", "{}\n", exitInvalid},
	{"ndjson-empty", "validate --ndjson -", "", exitOK},
	{"ndjson-long", "validate --ndjson --max-bytes 13 -", "{\"city\":\"abc\"}\n{\"city\":\"ab\"}\r\n" + strings.Repeat(" ", 14) + "\n{}\n", exitInvalid},

	{"usage-none", "", "", exitTrouble},
	{"usage-command", "mend", "", exitTrouble},
	{"usage-help", "help mend", "", exitTrouble},
	{"usage-flag-first", "--nope", "", exitTrouble},
	{"usage-memory", "merge --ndjson --memory 1KiB a b", "", exitTrouble},
	{"usage-bulk", "merge --rejects r a b", "", exitTrouble},
	{"usage-empty", "import --empty zero a.csv", "", exitTrouble},
	{"usage-comma", "export --comma ;; a.ndjson", "", exitTrouble},
	{"usage-fields", "export --fields id,nmae a.ndjson", "", exitTrouble},
	{"usage-flag", "validate --strict -", "", exitTrouble},
	{"usage-value", "validate --max-bytes many -", "", exitTrouble},
	{"usage-few", "merge " + theContact, "", exitTrouble},
	{"usage-many", "fields " + theContact, "", exitTrouble},
	{"usage-stdin-twice", "merge - -", "", exitTrouble},
	{"usage-stored-complete", "validate --stored --complete -", "", exitTrouble},
	{"usage-ndjson-files", "validate --ndjson a b", "", exitTrouble},
	{"usage-now", "merge --now yesterday a b", "", exitTrouble},
	{"usage-lines", "sample --lines -1", "", exitTrouble},
	{"usage-negative", "validate --max-bytes -1 -", "", exitTrouble},
	{"usage-near", "validate --ndjosn -", "", exitTrouble},
	{"usage-short", "validate -x -", "", exitTrouble},
	{"usage-dash", "validate -ndjson -", "", exitTrouble},
	{"usage-bool", "validate --ndjson=maybe -", "", exitTrouble},
	{"usage-completion", "completion tcsh", "", exitTrouble},
	{"usage-no-field", "export --fields id, -", "", exitTrouble},
	{"usage-no-name", "validate --", "", exitTrouble},
	{"usage-alone", "merge a b -o", "", exitTrouble},
}

func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return string(data)
}

var detail = regexp.MustCompile(`"detail":"(?:[^"\\\\]|\\\\.)*"`)

func TestGolden(t *testing.T) {
	used := make(map[string]bool)
	for _, c := range golden {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join("testdata", c.name+".golden")
			used[path] = true
			status, stdout, stderr := call(c.stdin, strings.Fields(c.args)...)
			assert.Equal(t, c.status, status)
			got := fmt.Sprintf("$ contact %s\n-- status --\n%d\n-- stdout --\n%s-- stderr --\n%s", c.args, status, stdout, stderr)
			// The database's version and the sentences are the library's; see TestOutputs for those.
			got = strings.ReplaceAll(got, contact.TZDBVersion, "VERSION")
			got = detail.ReplaceAllString(got, `"detail":"…"`)
			goldenfile.Check(t, path, got)
		})
	}
	files, err := filepath.Glob("testdata/*.golden")
	require.NoError(t, err)
	assert.Len(t, files, len(used), "a golden file without a call, or two calls with one file")
}

// TestOutputs holds what is printed against the forms that are promised, whatever stands in the golden files.
func TestOutputs(t *testing.T) {
	t.Run("every result is JSON", func(t *testing.T) {
		for _, c := range golden {
			if strings.HasPrefix(c.name, "help") || c.name == "sample" {
				continue
			}
			_, stdout, _ := call(c.stdin, strings.Fields(c.args)...)
			for d := json.NewDecoder(strings.NewReader(stdout)); ; {
				var v any
				err := d.Decode(&v)
				if err == io.EOF {
					break
				}
				require.NoError(t, err, c.name)
			}
		}
	})
	t.Run("errors are the envelope", func(t *testing.T) {
		_, _, stderr := call("", "validate", badPatch)
		var envelope struct {
			File   string
			Errors []struct {
				Detail string
				Source struct{ Pointer *string }
				Meta   struct{ Rule string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(stderr), &envelope))
		assert.Equal(t, badPatch, envelope.File)
		var library contact.Errors
		require.ErrorAs(t, contact.CheckPatch([]byte(read(badPatch))), &library)
		require.Len(t, envelope.Errors, len(library))
		for i, e := range envelope.Errors {
			assert.Equal(t, library[i].Pointer, *e.Source.Pointer)
			assert.Equal(t, string(library[i].Rule), e.Meta.Rule)
			assert.Equal(t, library[i].Detail, e.Detail)
		}
	})
	t.Run("merge has the clock's time", func(t *testing.T) {
		before := time.Now().Truncate(time.Microsecond)
		_, stdout, stderr := call("", "merge", theContact, thePatch)
		var merged contact.Contact
		require.NoError(t, json.Unmarshal([]byte(stdout), &merged))
		assert.False(t, merged.UpdatedAt.Before(before))
		assert.False(t, merged.UpdatedAt.After(time.Now()))
		var note struct{ Changed []string }
		require.NoError(t, json.Unmarshal([]byte(stderr), &note))
		assert.Contains(t, note.Changed, "updated_at")
	})
	t.Run("merge takes what it printed", func(t *testing.T) {
		_, once, _ := call("", "merge", theContact, thePatch)
		status, twice, stderr := call(once, "merge", "-", "testdata/empty.json")
		assert.Equal(t, exitOK, status, stderr)
		assert.Equal(t, once, twice)
	})
	t.Run("diff is what merge undoes", func(t *testing.T) {
		_, stdout, _ := call("", "diff", theContact, "testdata/ours.json")
		_, stdout, _ = call(stdout, "merge", theContact, "-")
		var merged contact.Contact
		require.NoError(t, json.Unmarshal([]byte(stdout), &merged))
		ours, err := contact.Parse([]byte(read("testdata/ours.json")))
		require.NoError(t, err)
		merged.UpdatedAt = ours.UpdatedAt
		assert.Equal(t, string(ours.AppendJSON(nil)), string(merged.AppendJSON(nil)))
	})
	t.Run("a contact that no update can change", func(t *testing.T) {
		// Nothing can come after the last version that a timestamp can write.
		last := strings.Replace(read(theContact), "2026-05-17T08:02:45.120004Z", "9999-12-31T23:59:59.999999Z", 1)
		path := filepath.Join(t.TempDir(), "last.json")
		require.NoError(t, os.WriteFile(path, []byte(last), 0o600))
		status, stdout, stderr := call(`{"city":""}`, "merge", path, "-")
		assert.Equal(t, exitInvalid, status)
		assert.Equal(t, `{"file":"`+path+`","valid":false,"errors":1}`+"\n", stdout)
		assert.Contains(t, stderr, "/updated_at")
	})
}

func TestUnreadable(t *testing.T) {
	for _, args := range [][]string{
		{"validate", "testdata/none.json"},
		{"validate", "testdata"},
		{"validate", "testdata/none.json", theContact},
		{"validate", "--ndjson", "testdata/none.ndjson"},
		{"validate", "--ndjson", "testdata"},
		{"merge", "testdata/none.json", thePatch},
		{"merge", theContact, "testdata/none.json"},
		{"diff", "testdata/none.json", theContact},
		{"merge3", "testdata/none.json", theContact, theContact},
	} {
		status, _, stderr := call("", args...)
		assert.Equal(t, exitTrouble, status, args)
		assert.NotEmpty(t, stderr, args)
	}
	t.Run("what can be read is judged", func(t *testing.T) {
		status, stdout, _ := call("", "validate", "testdata/none.json", badPatch, theContact)
		assert.Equal(t, exitTrouble, status)
		assert.Equal(t, 2, strings.Count(stdout, "\n"))
	})
	t.Run("lines before the input breaks are judged", func(t *testing.T) {
		var out, errs bytes.Buffer
		in := io.MultiReader(strings.NewReader("{}\n[]\n{}"), iotest.ErrReader(errors.New("the disk is gone")))
		assert.Equal(t, exitTrouble, run([]string{"validate", "--ndjson", "-"}, in, &out, &errs))
		assert.Contains(t, out.String(), `{"line":2,`)
		assert.Contains(t, errs.String(), "the disk is gone")
	})
}

// full is a disk without room after some writes.
type full struct{ writes int }

func (f *full) Write(p []byte) (int, error) {
	if f.writes--; f.writes < 0 {
		return 0, errors.New("no room")
	}
	return len(p), nil
}

func TestUnwritable(t *testing.T) {
	bad := strings.Repeat("[]\n", 200_000)
	for _, args := range []string{
		"--help", "fields", "sample", "sample --lines 10", "validate " + theContact, "merge " + theContact + " " + thePatch, "validate --ndjson -",
	} {
		var errs bytes.Buffer
		assert.Equal(t, exitTrouble, run(strings.Fields(args), strings.NewReader(bad), &full{}, &errs), args)
		assert.Equal(t, 1, strings.Count(errs.String(), "no room"), args)
	}
	t.Run("the rest is not read", func(t *testing.T) {
		in := &counter{r: strings.NewReader(strings.Repeat("[]\n", 40<<20/3))}
		assert.Equal(t, exitTrouble, run([]string{"validate", "--ndjson", "-"}, in, &full{1}, io.Discard))
		assert.Less(t, in.n, 20<<20)
	})
}

type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// TestLines compares the parallel run with a plain loop, on inputs whose lines end everywhere around the edges of
// buffers and chunks.
func TestLines(t *testing.T) {
	const limit = 100_000
	kinds := []string{
		"", "{}", "[]", `{"city":"Oslo"}`, `{"city":1}`, "  ", "\r", "{}\r", "x",
		`{"city":"` + strings.Repeat("a", chunkSize-20) + `"}`,
		`{"city":"` + strings.Repeat("b", limit-11) + `"}`,        // as long as a line may be
		`{"city":"` + strings.Repeat("c", limit-11) + `"}` + "\r", // likewise, with the longer end
		`{"city":"` + strings.Repeat("d", limit-10) + `"}`,        // one byte too long
		strings.Repeat("e", limit+1), strings.Repeat("f", limit+2) + "\r", strings.Repeat("g", limit+3),
		strings.Repeat(" ", limit+4), strings.Repeat("h", 3*limit),
	}
	seed := uint32(1)
	random := func(n int) int {
		seed = seed*1664525 + 1013904223
		return int(seed>>8) % n
	}
	rules := contact.Options{MaxBytes: limit}
	for round := range 12 {
		var input, want strings.Builder
		sum := summary{Rules: make(map[contact.Rule]int)}
		n := random(400)
		for i := range n {
			line := kinds[random(9)]
			if random(20) == 0 {
				line = kinds[random(len(kinds))]
			}
			input.WriteString(line)
			if i < n-1 || round%2 == 0 {
				input.WriteByte('\n')
			}
			line = strings.TrimSuffix(line, "\r")
			if len(line) <= limit && strings.Trim(line, " \t\r") == "" {
				continue
			}
			sum.Lines++
			err := rules.CheckPatch([]byte(line))
			if err == nil {
				sum.Valid++
				continue
			}
			sum.Invalid++
			for _, e := range err.(contact.Errors) {
				sum.Rules[e.Rule]++
			}
			text, _ := json.Marshal(err)
			fmt.Fprintf(&want, `{"line":%d,%s`+"\n", i+1, text[1:])
		}
		var in io.Reader = strings.NewReader(input.String())
		switch round % 3 {
		case 1:
			in = iotest.HalfReader(in)
		case 2:
			in = iotest.DataErrReader(in)
		}
		var out, errs bytes.Buffer
		status := run([]string{"validate", "--max-bytes", fmt.Sprint(limit), "--ndjson", "-"}, in, &out, &errs)
		assert.Equal(t, sum.Invalid > 0, status == exitInvalid)
		require.Equal(t, want.String(), out.String())
		text, err := json.Marshal(sum)
		require.NoError(t, err)
		require.Equal(t, string(text)+"\n", errs.String())
	}
}

// TestSlowWriter proves that a line is judged when it comes, not when its chunk is full.
func TestSlowWriter(t *testing.T) {
	in, feed := io.Pipe()
	out, print := io.Pipe()
	done := make(chan int)
	go func() {
		status := run([]string{"validate", "--ndjson", "-"}, in, print, io.Discard)
		print.Close()
		done <- status
	}()
	results := bufio.NewReader(out)
	for i := range 3 {
		_, err := io.WriteString(feed, "[]\n")
		require.NoError(t, err)
		line, err := results.ReadString('\n')
		require.NoError(t, err)
		assert.Contains(t, line, fmt.Sprintf(`{"line":%d,`, i+1))
	}
	feed.Close()
	assert.Equal(t, exitInvalid, <-done)
}

// TestMemory sends 16 MB through validate --ndjson, long lines and worthless ones, and looks at
// how much can be reached then.
func TestMemory(t *testing.T) {
	for name, line := range map[string]string{
		"valid":    sampleLines(t, 1000, 0),
		"nonsense": strings.Repeat("1\n", 40),
		"endless":  strings.Repeat("x", 1<<20),
	} {
		if testing.Short() && name != "valid" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			size := int64(16 << 20)
			if name == "nonsense" {
				size = 1 << 20 // its report is 85 times as long
			}
			before := reachable()
			peak := &watcher{every: 1 << 20}
			in := io.TeeReader(io.LimitReader(&repeater{text: line}, size), peak)
			run([]string{"validate", "--ndjson", "-"}, in, io.Discard, io.Discard)
			assert.Less(t, peak.most-min(peak.most, before), uint64(32<<20))
		})
	}
}

// reachable returns how many bytes of the heap are in use.
func reachable() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

type repeater struct {
	text string
	at   int
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.at == len(r.text) {
		r.at = 0
	}
	n := copy(p, r.text[r.at:])
	r.at += n
	return n, nil
}

// A watcher looks at the heap whenever so many bytes have been written to it.
type watcher struct {
	every, n int
	most     uint64
}

func (w *watcher) Write(p []byte) (int, error) {
	if w.n += len(p); w.n >= w.every {
		w.n = 0
		w.most = max(w.most, reachable())
	}
	return len(p), nil
}

func sampleLines(t testing.TB, lines, every int) string {
	status, stdout, stderr := call("", "sample", "--lines", fmt.Sprint(lines), "--invalid-every", fmt.Sprint(every))
	require.Equal(t, exitOK, status, stderr)
	return stdout
}

func TestSample(t *testing.T) {
	text := sampleLines(t, 500, 0)
	assert.Equal(t, text, sampleLines(t, 500, 0), "the same every time")
	_, other, _ := call("", "sample", "--lines", "500", "--seed", "2")
	assert.NotEqual(t, text, other)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.Len(t, lines, 500)
	for _, line := range lines {
		require.NoError(t, contact.Check([]byte(line)))
	}
	rules := make(map[contact.Rule]int)
	lines = strings.Split(strings.TrimSuffix(sampleLines(t, 500, 10), "\n"), "\n")
	require.Len(t, lines, 500)
	for i, line := range lines {
		err := contact.Check([]byte(line))
		if (i+1)%10 != 0 {
			require.NoError(t, err)
			continue
		}
		var errs contact.Errors
		require.ErrorAs(t, err, &errs)
		require.Len(t, errs, 1)
		rules[errs[0].Rule]++
	}
	assert.Len(t, rules, len(sampleFaults))
	for rule, n := range rules {
		assert.Equal(t, 5, n, rule)
	}
}

// BenchmarkLines compares validate --ndjson, on all cores, with json.Valid in a loop over the same lines.
func BenchmarkLines(b *testing.B) {
	text := sampleLines(b, 20_000, 1000)
	b.Run("contact", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			run([]string{"validate", "--ndjson", "-"}, strings.NewReader(text), io.Discard, io.Discard)
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for line := range bytes.Lines([]byte(text)) {
				json.Valid(line)
			}
		}
	})
}

// TestWrongMode: who takes a file of documents for one, or one for a file of documents, gets a hint
// and not a report on every line.
func TestWrongMode(t *testing.T) {
	lines := write(t, "lines", []string{sampleLines(t, 3, 0)})
	_, array, _ := call("["+strings.ReplaceAll(strings.TrimSpace(read(lines)), "\n", ",")+"]", "validate", "-")
	assert.Contains(t, array, `"valid":false`)
	for _, c := range []struct {
		args, stdin string
		status      int
		want        string
	}{
		{"merge " + lines + " " + lines, "", exitInvalid, "it has a document on every line, which --ndjson is for"},
		{"validate " + lines, "", exitInvalid, "--ndjson is for"},
		{"validate -", `[{"city":""}]`, exitInvalid, "it is an array"},
		{"validate --ndjson " + theContact, "", exitTrouble, "the input has one document on several lines"},
		{"merge --ndjson " + theContact + " " + thePatch, "", exitTrouble, theContact + ": the input has one document on several lines"},
		{"merge --ndjson " + lines + " " + thePatch, "", exitTrouble, thePatch + ": the input has one document on several lines"},
		{"diff --ndjson - " + lines, "[\n {\n", exitTrouble, "-: the input is an array"},
		{"validate --ndjson -", `[{"city":""},` + "\n" + `{"city":1}]`, exitTrouble, "-: the input is an array"},
		{"validate -", "{\n \"city\": \"\"\n}\n{\n \"city\": \"\"\n}\n", exitInvalid, "it has several documents"},
		{"validate --ndjson -", `[{"city":""},{"city":1}]`, exitTrouble, "put each document on a line of its own, as jq -c '.[]' does"},
		{"export " + theContact, "", exitTrouble, theContact + ": the input has one document"},
		{"export nope.ndjson", "", exitTrouble, "contact export: nope.ndjson: no such file or directory\n"},
		{"validate --ndjson -", "{\"city\":\"\n[]\n", exitInvalid, `"lines":2`},
	} {
		status, _, stderr := call(c.stdin, strings.Fields(c.args)...)
		assert.Equal(t, c.status, status, c.args)
		assert.Contains(t, stderr, c.want, c.args)
		assert.LessOrEqual(t, strings.Count(stderr, "\n"), 8, c.args)
	}
}

// TestCompletion asks the program as the scripts of the shells do.
func TestCompletion(t *testing.T) {
	const files, none = ":0\n", ":4\n" // the directives for files beside the words, and for none
	for line, want := range map[string][]string{
		"":                                {"merge\tApply a patch", "import\tTurn a CSV", "completion\t", none},
		"merge --m":                       {"--max-bytes\trefuse a body", "--memory\t", none},
		"import --empty ":                 {"absent\tit leaves its field alone", "null\t", none},
		"import --match ":                 {"unique_id\t", "email\t", none},
		"import --encoding w":             {"windows-1252\tWestern Europe", none},
		"export --comma ":                 {"tab", none},
		"merge --now ":                    {none},
		"merge --output ":                 {files},
		"merge ":                          {files},
		"fields ":                         {none},
		"merge --temp ":                   {":16\n"}, // folders alone
		"completion ":                     {"bash\t", "zsh\t", "fish\t", none},
		"import --map x --match email -n": {"-n\t"},
	} {
		status, stdout, _ := call("", append([]string{"__complete"}, strings.Split(line, " ")...)...)
		assert.Equal(t, exitOK, status)
		for _, part := range want {
			assert.Contains(t, stdout, part, line)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		status, script, _ := call("", "completion", shell)
		assert.Equal(t, exitOK, status)
		assert.Contains(t, script, "__complete")
		_, help, _ := call("", "completion", shell, "--help")
		assert.Contains(t, help, "To load completions")
	}
}

// TestManual: a page for the program and one for each command, with examples and flags.
func TestManual(t *testing.T) {
	folder := t.TempDir()
	status, _, stderr := call("", "man", folder)
	require.Equal(t, exitOK, status, stderr)
	for _, c := range commands {
		name, _, _ := strings.Cut(c.use, " ")
		page := read(filepath.Join(folder, "contact-"+name+".1"))
		assert.Contains(t, page, ".SH EXAMPLE")
		assert.Contains(t, page, "--help")
	}
	assert.Contains(t, read(filepath.Join(folder, "contact.1")), "Exit statuses")
	status, _, stderr = call("", "man", filepath.Join(folder, "none"))
	assert.Equal(t, exitTrouble, status)
	assert.Contains(t, stderr, "no such file")
}

// TestHelp: each command has an example, which the program takes, and a line for each flag.
func TestHelp(t *testing.T) {
	e := &env{stdout: io.Discard, stderr: io.Discard}
	for _, c := range e.root().Commands() {
		if c.Name() == "help" {
			continue
		}
		require.NotEmpty(t, c.Example, c.Name())
		for line := range strings.Lines(c.Example) {
			assert.True(t, strings.HasPrefix(line, "  contact "+c.Name()), line)
			words := strings.Fields(strings.TrimPrefix(line, "  contact "+c.Name()))
			if end := slices.IndexFunc(words, func(word string) bool { return strings.ContainsAny(word, "|>&") }); end >= 0 {
				words = words[:end]
			}
			assert.NoError(t, c.ParseFlags(words), line)
			assert.NoError(t, c.ValidateArgs(c.Flags().Args()), line)
		}
	}
	status, stdout, _ := call("", "--version")
	assert.Equal(t, exitOK, status)
	assert.Regexp(t, `^contact \(devel\).* go1\..*, tzdb \d{4}`, stdout)
}
