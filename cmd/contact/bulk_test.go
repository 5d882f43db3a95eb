package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

const noon = "2027-01-01T12:00:00Z"

// write writes lines to a file and returns its name.
func write(t testing.TB, name string, lines []string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

func zipped(t testing.TB, path string) string {
	var out bytes.Buffer
	zipper := gzip.NewWriter(&out)
	_, err := zipper.Write([]byte(read(path)))
	require.NoError(t, err)
	require.NoError(t, zipper.Close())
	path += ".gz"
	require.NoError(t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

// bulkCase is two files for merge --ndjson.
type bulkCase struct{ contacts, patches []string }

// randomCase makes a case with everything that can be odd about lines, ids and patches.
func randomCase(r *rand.Rand, contacts, patches int) bulkCase {
	var c bulkCase
	s := sampler{r}
	var ids []contact.ID
	for range contacts {
		doc := s.contact()
		ids = append(ids, doc.ID)
		c.contacts = append(c.contacts, string(doc.AppendJSON(nil)))
		switch r.IntN(40) {
		case 0: // a blank line
			c.contacts = append(c.contacts, " \t")
		case 1: // the id twice
			c.contacts = append(c.contacts, c.contacts[len(c.contacts)-1])
		case 2: // the id is not where it usually is, and its name is escaped
			doc := c.contacts[len(c.contacts)-1]
			moved := "{" + doc[46:len(doc)-1] + `, "\u0069d" : ` + doc[6:44] + "}"
			c.contacts[len(c.contacts)-1] = moved
		case 3: // no id that can be read
			c.contacts = append(c.contacts, pick(s, []string{
				"{}", "[]", "{", "x", `{"id":1}`, `{"meta":{"id":"` + s.id().String() + `"}}`,
				`{"id":"` + strings.Repeat("a", 36) + `"}`, `{"a":"`, `["id":"` + s.id().String() + `"]]`,
			}))
		case 4: // what no typed reader takes, without a patch
			c.contacts = append(c.contacts, `{"id":"`+s.id().String()+`","name_first":7}`)
		}
	}
	for range patches {
		id := s.id()
		if len(ids) > 0 && r.IntN(20) > 0 {
			id = ids[int(float64(len(ids))*r.Float64()*r.Float64())] // some have many
		}
		c.patches = append(c.patches, string(s.patch(nil, id, r.IntN(15) == 0)))
		switch r.IntN(40) {
		case 0:
			c.patches = append(c.patches, "")
		case 1:
			c.patches = append(c.patches, pick(s, []string{"{}", "{", `{"city":"Oslo"}`, `{"id":"1"}`, `{"city":1}`, "[]"}))
		case 2: // the version that the first patch finds, which is not there for the second
			c.patches = append(c.patches, `{"updated_at":"2026-01-01T00:00:00Z","id":"`+id.String()+`"}`)
		}
	}
	return c
}

// expected is what merge --ndjson makes of a case, in a plain way: the reference.
func (c bulkCase) expected(o contact.Options, now time.Time) (out, rejects string, sum mergeSummary) {
	sum.Rules = make(map[contact.Rule]int)
	type refusal struct {
		patch bool
		line  int
		at    int
		text  string
	}
	var refused []refusal
	refuse := func(patch bool, line, at int, doc string, err error) {
		sum.Refused++
		for _, e := range ndjson.Faults(err) {
			sum.Rules[e.Rule]++
		}
		key := "contact"
		if patch {
			key = "line"
		}
		text := string(ndjson.AppendRecord(nil, key, line, []byte(doc), ndjson.Faults(err), true))
		refused = append(refused, refusal{patch, line, at, text})
	}
	unreadable := func(check func([]byte) error, doc string) error {
		if err := check([]byte(doc)); err != nil {
			return ndjson.Faults(err)
		}
		return ndjson.IDMissing()
	}
	where := make(map[contact.ID][]int)
	docs := slices.Clone(c.contacts)
	changed := make(map[int]bool)
	for i, doc := range docs {
		if strings.TrimSpace(doc) == "" {
			continue
		}
		sum.Contacts++
		id, ok := slowID(doc)
		if !ok {
			refuse(false, i+1, 0, doc, unreadable(checkStored(&o), doc))
			continue
		}
		where[id] = append(where[id], i)
	}
	for i, patch := range c.patches {
		if patch == "" {
			continue
		}
		sum.Patches++
		id, ok := slowID(patch)
		if !ok {
			refuse(true, i+1, 0, patch, unreadable(o.CheckPatch, patch))
			continue
		}
		if where[id] == nil {
			errs := contact.Errors{ndjson.NotFound()}
			errs = append(errs, ndjson.Faults(o.CheckPatch([]byte(patch)))...)
			refuse(true, i+1, 0, patch, errs)
		}
		for _, at := range where[id] {
			merged, fields, err := o.AppendMerge(nil, []byte(docs[at]), []byte(patch), now)
			if err != nil {
				refuse(true, i+1, at, patch, err)
				continue
			}
			docs[at] = string(merged)
			changed[at] = changed[at] || fields != 0
		}
	}
	for i, doc := range docs {
		if strings.TrimSpace(doc) == "" {
			continue
		}
		out += doc + "\n"
		if changed[i] {
			sum.Changed++
		} else {
			sum.Unchanged++
		}
	}
	slices.SortStableFunc(refused, func(a, b refusal) int {
		if a.patch != b.patch {
			return map[bool]int{true: -1, false: 1}[a.patch]
		}
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.at, b.at))
	})
	for _, r := range refused {
		rejects += r.text
	}
	return out, rejects, sum
}

// slowID reads the id by encoding/json. A document that is broken after its id has one too.
func slowID(doc string) (contact.ID, bool) {
	d := json.NewDecoder(strings.NewReader(doc))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return contact.ID{}, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return contact.ID{}, false
		}
		var value any
		if d.Decode(&value) != nil {
			return contact.ID{}, false
		}
		if text, ok := value.(string); ok && name == "id" {
			id, err := contact.ParseID(text)
			return id, err == nil
		}
	}
	return contact.ID{}, false
}

// TestBulkMerge holds merge --ndjson to a plain loop: any memory, any number of cores, from files,
// pipes and compressed files, gives the same bytes.
func TestBulkMerge(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	now, err := contact.ParseTimestamp(noon)
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	cases := []bulkCase{{}, {contacts: []string{"{}"}}, {patches: []string{"{}"}}}
	for _, size := range [][2]int{{1, 1}, {5, 40}, {300, 0}, {0, 30}, {600, 1500}} {
		cases = append(cases, randomCase(r, size[0], size[1]))
	}
	for _, c := range cases {
		out, rejects, sum := c.expected(contact.Options{}, now)
		assert.Equal(t, sum.Contacts, strings.Count(out, "\n"))
		text, err := json.Marshal(sum)
		require.NoError(t, err)
		contacts, patches := write(t, "contacts", c.contacts), write(t, "patches", c.patches)
		zippedContacts, zippedPatches := zipped(t, contacts), zipped(t, patches)
		memories := []string{"64KiB", "300KiB", "256MiB"}
		if testing.Short() {
			memories = memories[:1]
		}
		for _, memory := range memories {
			for _, cores := range []int{1, 3} {
				if testing.Short() && cores == 1 {
					continue
				}
				runtime.GOMAXPROCS(cores)
				for _, in := range [][3]string{
					{contacts, patches}, {"-", patches, read(contacts)}, {zippedContacts, "-", read(zippedPatches)},
				} {
					file := filepath.Join(t.TempDir(), "rejects")
					status, stdout, stderr := call(in[2], "merge", "--ndjson", "--now", noon,
						"--memory", memory, "--rejects", file, in[0], in[1])
					require.Equal(t, sum.Refused > 0, status == exitInvalid, stderr)
					require.Equal(t, string(text)+"\n", stderr)
					require.Equal(t, out, stdout, "%d contacts, %s, %d cores", sum.Contacts, memory, cores)
					require.Equal(t, rejects, read(file))
				}
			}
		}
	}
}

// TestBulkSorted holds --sorted to the run without it.
func TestBulkSorted(t *testing.T) {
	c := randomCase(rand.New(rand.NewPCG(3, 4)), 200, 500)
	byID := func(a, b string) int {
		x, _ := slowID(a)
		y, _ := slowID(b)
		return bytes.Compare(x[:], y[:])
	}
	c.contacts = slices.DeleteFunc(c.contacts, func(doc string) bool { _, ok := slowID(doc); return !ok })
	slices.SortStableFunc(c.contacts, byID)
	c.contacts = slices.CompactFunc(c.contacts, func(a, b string) bool { return byID(a, b) == 0 })
	slices.SortStableFunc(c.patches, byID)
	contacts, patches := write(t, "contacts", c.contacts), write(t, "patches", c.patches)
	status, stdout, stderr := call("", "merge", "--ndjson", "--now", noon, contacts, patches)
	sortedStatus, sortedOut, sortedErr := call("", "merge", "--ndjson", "--sorted", "--now", noon, contacts, patches)
	assert.Equal(t, status, sortedStatus)
	assert.Equal(t, stdout, sortedOut)
	assert.Equal(t, stderr, sortedErr)

	slices.Reverse(c.contacts)
	for _, bad := range [][2][]string{
		{c.contacts, c.patches},
		{{"{}"}, c.patches},
		{{c.contacts[0], c.contacts[0]}, nil},
		{{c.contacts[0]}, []string{`{"id":"` + strings.Repeat("f", 8) + `-0000-4000-8000-000000000000"}`,
			`{"id":"00000000-0000-4000-8000-000000000000"}`}},
	} {
		status, _, stderr := call("", "merge", "--ndjson", "--sorted", write(t, "c", bad[0]), write(t, "p", bad[1]))
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, "line ")
	}
}

// TestBulkSkew gives one contact more patches than there is memory, and one id more contacts than
// one part of the ids may have.
func TestBulkSkew(t *testing.T) {
	one := sampler{rand.New(rand.NewPCG(5, 6))}.contact()
	c := bulkCase{contacts: []string{string(one.AppendJSON(nil))}}
	for i := range 9000 {
		c.patches = append(c.patches, fmt.Sprintf(`{"id":"%s","city":"%d%s"}`, one.ID, i, strings.Repeat("x", 150)))
		if i%100 == 0 {
			c.patches = append(c.patches, fmt.Sprintf(`{"id":"%s","city":%d}`, one.ID, i))
		}
	}
	now, err := contact.ParseTimestamp(noon)
	require.NoError(t, err)
	out, rejects, _ := c.expected(contact.Options{}, now)
	for _, memory := range []string{"64KiB", "256MiB"} {
		file := filepath.Join(t.TempDir(), "rejects")
		_, stdout, stderr := call("", "merge", "--ndjson", "--now", noon, "--memory", memory, "--rejects", file,
			write(t, "c", c.contacts), write(t, "p", c.patches))
		require.Equal(t, out, stdout, stderr)
		require.Equal(t, rejects, read(file))
	}

	// 25,000 ids are too many for the parts of so little memory, which are cut into smaller ones.
	many := bulkCase{patches: []string{}}
	for i := range 25_000 {
		many.contacts = append(many.contacts, fmt.Sprintf(`{"id":"%08x-0000-4000-8000-000000000000"}`, i))
		if i%25 == 0 {
			many.patches = append(many.patches, fmt.Sprintf(`{"id":"%08x-0000-4000-8000-000000000001"}`, i))
		}
	}
	many.contacts[20_000] = c.contacts[0]
	many.patches = append(many.patches, c.patches[0])
	want, _, _ := bulkCase{many.contacts[20_000:20_001], many.patches[1000:]}.expected(contact.Options{}, now)
	_, stdout, stderr := call("", "merge", "--ndjson", "--now", noon, "--memory", "64KiB",
		write(t, "c", many.contacts), write(t, "p", many.patches))
	assert.Contains(t, stderr, `"contacts":25000,"patches":1001,"changed":1,"unchanged":24999,"refused":1000,`)
	assert.Contains(t, stdout, want)

	for i := range many.contacts {
		many.contacts[i] = c.contacts[0][:44] + "}"
	}
	status, _, stderr := call("", "merge", "--ndjson", "--memory", "64KiB",
		write(t, "c", many.contacts), write(t, "p", many.patches))
	assert.Equal(t, exitTrouble, status)
	assert.Contains(t, stderr, "have the same id")
}

// TestBulkDiff proves that what diff --ndjson prints makes the new file of the old one.
func TestBulkDiff(t *testing.T) {
	old := randomContacts(7, 300)
	fresh := randomContacts(8, 300)
	var olds, news []string
	for i, c := range old {
		olds = append(olds, string(c.AppendJSON(nil)))
		if i%3 > 0 { // the others stay as they are
			id, team, inserted, updated := c.ID, c.TeamID, c.InsertedAt, c.UpdatedAt
			*c = *fresh[i]
			c.ID, c.TeamID, c.InsertedAt, c.UpdatedAt = id, team, inserted, updated
		}
		news = append(news, string(c.AppendJSON(nil)))
	}
	shuffledNews := slices.Clone(news)
	rand.New(rand.NewPCG(9, 9)).Shuffle(len(news), func(i, j int) {
		shuffledNews[i], shuffledNews[j] = shuffledNews[j], shuffledNews[i]
	})
	for _, memory := range []string{"64KiB", "256MiB"} {
		status, patches, stderr := call("", "diff", "--ndjson", "--memory", memory, write(t, "o", olds), write(t, "n", shuffledNews))
		require.Equal(t, exitOK, status, stderr)
		assert.Equal(t, `{"old":300,"new":300,"changed":200,"unchanged":100,"refused":0,"rules":{}}`+"\n", stderr)
		// The zero time stamps no version.
		status, merged, stderr := call(patches, "merge", "--ndjson", "--now", "0001-01-01T00:00:00Z", write(t, "o", olds), "-")
		require.Equal(t, exitOK, status, stderr)
		require.Equal(t, strings.Join(news, "\n")+"\n", merged)
	}
	t.Run("what cannot be said is refused", func(t *testing.T) {
		other := *old[0]
		other.TeamID[0] ^= 1
		_, patches, stderr := call("", "diff", "--ndjson",
			write(t, "o", []string{news[1], news[0], news[2], "{}"}),
			write(t, "n", []string{string(other.AppendJSON(nil)), news[2], news[3], "[]", news[2][:44] + "}"}))
		assert.Empty(t, patches)
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		require.Len(t, lines, 7, stderr)
		for i, want := range []string{
			`{"line":1,"id":"` + old[0].ID.String() + `","errors":[{"code":"validation_failed"`,
			`{"line":3,"id":"` + old[3].ID.String() + `","errors":[{"code":"not_found"`,
			`{"line":4,"errors":[{"code":"validation_failed"`,
			`{"line":5,"id":"` + old[2].ID.String() + `","errors":[{"code":"validation_failed"`,
			`{"contact":1,"id":"` + old[1].ID.String() + `","errors":[{"code":"not_found"`,
			`{"contact":4,"errors":[{"code":"validation_failed"`,
			`{"old":4,"new":5,"changed":0,"unchanged":2,"refused":6,`,
		} {
			assert.True(t, strings.HasPrefix(lines[i], want), lines[i])
		}
	})
}

func randomContacts(seed uint64, n int) (list []*contact.Contact) {
	s := sampler{rand.New(rand.NewPCG(seed, 0))}
	for range n {
		list = append(list, s.contact())
	}
	return list
}

// TestBulkStored has patches for contacts that cannot take them.
func TestBulkStored(t *testing.T) {
	id := "00000000-0000-4000-8000-000000000000"
	for _, doc := range []string{
		`{"id":"` + id + `","updated_at":1}`,
		strings.Replace(read("testdata/last.ndjson"), "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", id, 1),
	} {
		status, stdout, stderr := call(`{"city":"","id":"`+id+`"}`, "merge", "--ndjson", write(t, "c", []string{doc}), "-")
		assert.Equal(t, exitInvalid, status)
		assert.Equal(t, strings.TrimSpace(doc), strings.TrimSpace(stdout))
		assert.Contains(t, stderr, `{"line":1,"id":"`+id+`","errors":[{"code":"stored_contact",`)
		assert.Contains(t, stderr, `"rules":{"stored":1}`)
	}
	t.Run("a line that is too long for the memory", func(t *testing.T) {
		long := `{"id":"` + id + `","a":"` + strings.Repeat("x", 64<<10) + `"}`
		status, _, stderr := call("", "merge", "--ndjson", "--memory", "64KiB", write(t, "c", []string{long}), write(t, "p", nil))
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, "line 1 of ")
	})
}

// TestBulkFiles looks at what is left when a run ends.
func TestBulkFiles(t *testing.T) {
	c := randomCase(rand.New(rand.NewPCG(10, 11)), 200, 400)
	contacts, patches := write(t, "contacts", c.contacts), write(t, "patches", c.patches)
	folder, temp := t.TempDir(), t.TempDir()
	out := filepath.Join(folder, "out.ndjson")
	args := []string{"merge", "--ndjson", "--now", noon, "--memory", "64KiB", "--temp", temp}
	_, want, _ := call("", append(args, contacts, patches)...)
	t.Run("gzip by the name", func(t *testing.T) {
		status, stdout, stderr := call("", append(args, "--output", out+".gz", contacts, patches)...)
		assert.Equal(t, exitInvalid, status, stderr)
		assert.Empty(t, stdout)
		file, err := os.Open(out + ".gz")
		require.NoError(t, err)
		unzipped, err := gzip.NewReader(file)
		require.NoError(t, err)
		text, err := io.ReadAll(unzipped)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		require.NoError(t, os.Remove(out+".gz"))
	})
	t.Run("trouble leaves nothing", func(t *testing.T) {
		for _, bad := range [][]string{
			{"--output", out, contacts, folder},
			{"--output", out, "--rejects", filepath.Join(folder, "none", "r"), contacts, patches},
			{"--output", out, contacts, "none"},
			{"--output", out, "none", patches},
			{"--temp", filepath.Join(folder, "none"), "--output", out, contacts, patches},
			{"--output", out, "-", zipped(t, patches)},
		} {
			var errs bytes.Buffer
			broken := io.MultiReader(strings.NewReader(c.contacts[0]+"\n"), &failing{})
			assert.Equal(t, exitTrouble, run(append(args, bad...), broken, io.Discard, &errs), bad)
		}
		assert.Empty(t, names(t, folder))
		assert.Empty(t, names(t, temp))
	})
	t.Run("a full disk", func(t *testing.T) {
		var errs bytes.Buffer
		assert.Equal(t, exitTrouble, run(append(args, contacts, patches), nil, &full{}, &errs))
		assert.Contains(t, errs.String(), "no room")
	})
	t.Run("the next run removes what a killed one has left", func(t *testing.T) {
		dead := exec.Command("true")
		require.NoError(t, dead.Run())
		for _, path := range []string{
			filepath.Join(temp, fmt.Sprintf("%s1.%d.part", spillPrefix, dead.Process.Pid)),
			fmt.Sprintf("%s.%d.part", out, dead.Process.Pid),
		} {
			require.NoError(t, os.WriteFile(path, nil, 0o600))
		}
		theirs := fmt.Sprintf("%s.%d.part", out, os.Getppid())
		others := fmt.Sprintf("%s-2.%d.part", out, dead.Process.Pid)
		for _, path := range []string{theirs, others} {
			require.NoError(t, os.WriteFile(path, nil, 0o600))
		}
		call("", append(args, "--output", out, contacts, patches)...)
		assert.Equal(t, []string{"out.ndjson", filepath.Base(others), filepath.Base(theirs)}, names(t, folder))
		assert.Empty(t, names(t, temp))
		assert.Equal(t, want, read(out))
	})
}

// TestOverlongLines: a line of which there is only the start is refused for its size, not for where it was cut.
func TestOverlongLines(t *testing.T) {
	var c contact.Contact
	require.NoError(t, json.Unmarshal([]byte(read(theContact)), &c))
	old := write(t, "old", []string{string(c.AppendJSON(nil))})
	long := strings.Repeat("x", ndjson.MaxLine)
	c.Address = &long
	file := write(t, "long", []string{string(c.AppendJSON(nil))})
	for _, args := range [][]string{{"export", file}, {"diff", "--ndjson", old, file}, {"merge", "--ndjson", "--max-bytes", "none", old, file}} {
		status, stdout, stderr := call("", args...)
		assert.Equal(t, exitInvalid, status, args)
		assert.Contains(t, stdout+stderr, `"code":"body_too_large"`, args)
		assert.NotContains(t, stdout+stderr, `"rule":"syntax"`, args)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func names(t testing.TB, folder string) (list []string) {
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, f := range files {
		list = append(list, f.Name())
	}
	return list
}

// TestMain lets the test binary be the program, with CONTACT_BE=contact.
func TestMain(m *testing.M) {
	if os.Getenv("CONTACT_BE") == "contact" {
		main()
	}
	os.Exit(m.Run())
}

// TestCompressions: each is read by its first bytes and written by the name of the file.
func TestCompressions(t *testing.T) {
	folder := t.TempDir()
	lines := write(t, "lines", strings.Split(strings.TrimSpace(sampleLines(t, 100, 0)), "\n"))
	_, want, _ := call("", "merge", "--ndjson", lines, lines)
	for _, extension := range []string{".gz", ".zst"} {
		packed := filepath.Join(folder, "out"+extension)
		status, _, stderr := call("", "merge", "--ndjson", "-o", packed, lines, lines)
		require.Equal(t, exitOK, status, stderr)
		require.NotEqual(t, want, read(packed))
		for _, in := range [][2]string{{packed, ""}, {"-", read(packed)}} {
			status, stdout, stderr := call(in[1], "merge", "--ndjson", in[0], lines)
			require.Equal(t, exitOK, status, stderr)
			require.Equal(t, want, stdout)
		}
		// The last line may have no end, and a table too. A stream that is cut names its file.
		status, _, stderr = call(read(packed)[:len(read(packed))-6], "validate", "--ndjson", "-")
		assert.Equal(t, exitTrouble, status)
		assert.Regexp(t, "^contact validate: -: broken ", stderr, "and no summary")
		twice := filepath.Join(folder, "twice"+extension+".gz")
		var zipped bytes.Buffer
		zipper := gzip.NewWriter(&zipped)
		_, err := zipper.Write([]byte(read(packed)))
		require.NoError(t, err)
		require.NoError(t, zipper.Close())
		require.NoError(t, os.WriteFile(twice, zipped.Bytes(), 0o600))
		status, _, stderr = call("", "merge", "--ndjson", twice, lines)
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, "it is compressed twice")
	}
	bzipped := "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\xa7\x26\xdd\x4e\x00\x00\x00\x00\x80\x00\x0a\x20\x00\x21\x00\x82\xb1\x77\x24\x53\x85\x09\x0a\x72\x6d\xd4\xe0" // {}
	status, _, stderr := call(bzipped, "validate", "-")
	assert.Equal(t, exitOK, status, stderr)
}

const theLines = "testdata/valid.ndjson"

// TestNoFolder: a folder for temporary files that is not there is named.
func TestNoFolder(t *testing.T) {
	lines := write(t, "lines", []string{sampleLines(t, 300, 0)})
	status, _, stderr := call("", "merge", "--ndjson", "--memory", "64KiB", "--temp", "no/folder", "-o", os.DevNull, lines, lines)
	assert.Equal(t, exitTrouble, status)
	assert.Equal(t, "contact merge: no/folder: no such file or directory\n", stderr)
}

func TestEncodings(t *testing.T) {
	for input, want := range map[string]string{
		"\xff\xfe{\x00}\x00":            "UTF-16",
		"\xfe\xff\x00{\x00}":            "UTF-16",
		"\x1f\x8b nothing":              "gzip",
		"\xff\xfe\x00\x00{\x00\x00\x00": "UTF-32",
		"\xfd7zXZ\x00":                  "is xz: decompress it first",
		"PK\x03\x04":                    "save the sheet as CSV",
	} {
		status, _, stderr := call(input, "validate", "-")
		assert.Equal(t, exitTrouble, status)
		assert.Contains(t, stderr, want)
	}
}

// TestBulkMemory merges 24 MB by 6 MB with a limit of 8 MiB, and looks at how much can be reached.
func TestBulkMemory(t *testing.T) {
	n := 25_000
	if testing.Short() {
		n = 10_000 // still longer than the memory
	}
	contacts := sampleLines(t, n, 0)
	status, patches, _ := call("", "sample", "--lines", fmt.Sprint(n), "--patches", fmt.Sprint(2*n), "--shuffle")
	require.Equal(t, exitOK, status)
	path := write(t, "p", []string{patches})
	patches = ""
	before := reachable()
	peak := &watcher{every: 2 << 20}
	in := io.TeeReader(strings.NewReader(contacts), peak)
	var errs bytes.Buffer
	status = run([]string{"merge", "--ndjson", "--memory", "8MiB", "-", path}, in, peak, &errs)
	assert.Equal(t, exitOK, status, errs.String())
	assert.Contains(t, errs.String(), fmt.Sprintf(`"patches":%d`, 2*n))
	assert.Less(t, peak.most-min(peak.most, before), uint64(8<<20))
}

func FuzzIDOf(f *testing.F) {
	for _, c := range randomCase(rand.New(rand.NewPCG(1, 1)), 60, 60).contacts {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		id, ok := ndjson.ID([]byte(doc))
		if contact.CheckPatch([]byte(doc)) != nil {
			return
		}
		want, found := slowID(doc)
		if ok != found || ok && id != want {
			t.Fatalf("%v %v, but encoding/json has %v %v", id, ok, want, found)
		}
	})
}

// BenchmarkMerge compares merge --ndjson, whose patches do not fit into its memory, with what no
// program can do without: reading both files, AppendMerge on all cores, and writing the result. For
// that the patches already stand in the order of the contacts. CONTACT_BULK_LINES asks for another
// number of contacts than a million.
func BenchmarkMerge(b *testing.B) {
	lines := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("CONTACT_BULK_LINES")); err == nil {
		lines = n
	}
	folder := b.TempDir()
	sample := func(name string, args ...string) string {
		path := filepath.Join(folder, name)
		file, err := os.Create(path)
		require.NoError(b, err)
		args = append([]string{"sample", "--lines", fmt.Sprint(lines)}, args...)
		require.Equal(b, exitOK, run(args, nil, file, io.Discard))
		require.NoError(b, file.Close())
		return path
	}
	contacts := sample("contacts")
	patches := sample("patches", "--patches", fmt.Sprint(lines))
	shuffled := sample("shuffled", "--patches", fmt.Sprint(lines), "--shuffle")
	now, err := contact.ParseTimestamp(noon)
	require.NoError(b, err)
	out := filepath.Join(folder, "out")
	var took, needed []float64 // seconds, in turn: a busy machine slows both
	// What one leaves for the system to write to the disk does not slow the other.
	settle := func(path string) {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		require.NoError(b, err)
		require.NoError(b, file.Sync())
		require.NoError(b, file.Close())
	}
	for _, path := range []string{contacts, patches, shuffled} {
		settle(path)
	}
	for b.Loop() {
		start := time.Now()
		require.Equal(b, exitOK, run([]string{"merge", "--ndjson", "--now", noon, "--output", out,
			contacts, shuffled}, nil, io.Discard, io.Discard))
		took = append(took, time.Since(start).Seconds())
		settle(out)
		start = time.Now()
		require.NoError(b, alone(contacts, patches, out, now))
		needed = append(needed, time.Since(start).Seconds())
		settle(out)
	}
	median := func(of []float64) float64 { slices.Sort(of); return of[len(of)/2] }
	b.ReportMetric(median(took), "s/merge")
	b.ReportMetric(median(needed), "s/alone")
	b.ReportMetric(median(needed)/median(took), "of-alone")
}

// alone merges the n-th patch into the n-th contact.
func alone(contacts, patches, out string, now time.Time) error {
	e := &env{}
	docs, err := e.open(contacts)
	if err != nil {
		return err
	}
	defer docs.Close()
	bodies, err := e.open(patches)
	if err != nil {
		return err
	}
	defer bodies.Close()
	to, err := e.create(out, nil)
	if err != nil {
		return err
	}
	defer to.discard()
	type pairs struct {
		docs, bodies chunk
		out          []byte
		err          error
	}
	from, with := ndjson.NewReader(docs, ndjson.MaxLine), ndjson.NewReader(bodies, ndjson.MaxLine)
	err = inOrder(func(p *pairs) error {
		p.docs.reset()
		p.bodies.reset()
		for len(p.docs.lines) < batchSize {
			doc, err := from.Next()
			if err != nil {
				return err
			}
			p.docs.add(doc)
			body, err := with.Next()
			if err != nil {
				return err
			}
			p.bodies.add(body)
		}
		return nil
	}, func(p *pairs) {
		p.out = p.out[:0]
		rest := p.bodies.lines
		for doc := range bytes.Lines(p.docs.lines) {
			end := bytes.IndexByte(rest, '\n')
			var err error
			if p.out, _, err = contact.AppendMerge(p.out, doc, rest[:end], now); err != nil {
				p.err = err
			}
			p.out = append(p.out, '\n')
			rest = rest[end+1:]
		}
	}, func(p *pairs) error {
		if p.err != nil {
			return p.err
		}
		_, err := to.Write(p.out)
		return err
	})
	if err != nil {
		return err
	}
	return cmp.Or(to.complete(), to.rename())
}
