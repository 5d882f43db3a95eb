// Package vectors reads the language-neutral cases of testdata/vectors and runs them on an
// implementation.
package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	files "github.com/partner-contacts/contact/testdata/vectors"
)

// A Case is one of the language-neutral cases of testdata/vectors, with its texts filled in. Op
// decides which inputs a case has; testdata/README.md describes the operations.
type Case struct {
	Name    string // unique, its file's name in front
	Op      string // parse, parse_stored, parse_patch, check_field, merge, diff, merge3 or update
	Source  string // the document or the decision that the expectation rests on
	Options Options

	Body                 string // parse, parse_stored, parse_patch and update
	Field, Value         string // check_field
	Existing, Patch, Now string // merge; Now may be ""
	From, To             string // diff
	Base, Ours, Theirs   string // merge3

	// update
	PathID         string `json:"path_id"`
	Scopes         []string
	ContentType    string `json:"content_type"`
	IdempotencyKey string `json:"idempotency_key"`

	Want Outcome `json:"-"`
}

// Options are departures from the contract. Each field is that of contact.Options.
type Options struct {
	RequireComplete   bool `json:"require_complete"`
	IgnoreUnknown     bool `json:"ignore_unknown"`
	AllowStale        bool `json:"allow_stale"`
	AnyIdempotencyKey bool `json:"any_idempotency_key"`
	MaxBytes          int  `json:"max_bytes"`
	MaxDepth          int  `json:"max_depth"`
	MaxErrors         int  `json:"max_errors"`
	MaxMeta           int  `json:"max_meta"`
	MaxDocument       int  `json:"max_document"`

	VersionResolution   time.Duration `json:"version_resolution"`   // in nanoseconds
	TimestampResolution time.Duration `json:"timestamp_resolution"` // in nanoseconds
}

// An Outcome is the errors or the result of a case.
type Outcome struct {
	Errors    []Error    // all errors, in order
	Fault     string     // the input that is the service's own and at fault, such as existing; "" for none
	Status    int        // of the errors; 0 if the case has none
	Result    string     // the resulting document; "" for check_field
	Changed   []string   // merge: the fields that differ, in their order
	Conflicts []Conflict // merge3
}

// An Error is one fault. Its Code is "" if the case has none.
type Error struct {
	Rule                       string
	Pointer, Parameter, Header string
	Code, Suggestion           string
	Offset                     int
	RequiredScope              string `json:"required_scope"`
	PointerTruncated           bool   `json:"pointer_truncated"`
}

// A Conflict is a place where two sides of merge3 differ. A text is "" if the value is absent on
// that side.
type Conflict struct {
	Pointer, Base, Ours, Theirs string
	PointerTruncated            bool `json:"pointer_truncated"`
}

// Run runs the language-neutral cases on an implementation, one subtest per case. run performs the
// operation of a case and returns its outcome. A status or a code is compared only if the case has
// one.
func Run(t *testing.T, run func(t *testing.T, v Case) Outcome) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		t.Run(v.Name, func(t *testing.T) {
			if problem := v.compare(run(t, v)); problem != "" {
				t.Errorf("%s\nsource: %s", problem, v.Source)
			}
		})
	}
}

// compare describes how an outcome differs from the expected one.
func (v *Case) compare(got Outcome) string {
	want := v.Want
	if want.Status == 0 {
		got.Status = 0
	}
	got.Errors = slices.Clone(got.Errors)
	for i := range got.Errors {
		if i < len(want.Errors) && want.Errors[i].Code == "" {
			got.Errors[i].Code = ""
		}
	}
	if len(want.Errors) > 0 {
		got.Result, got.Changed, got.Conflicts = "", nil, nil
	}
	for _, c := range []struct {
		what      string
		same      bool
		want, got any
	}{
		{"errors", slices.Equal(want.Errors, got.Errors), want.Errors, got.Errors},
		{"fault", want.Fault == got.Fault, want.Fault, got.Fault},
		{"status", want.Status == got.Status, want.Status, got.Status},
		{"result", want.Result == got.Result, want.Result, got.Result},
		{"changed", slices.Equal(want.Changed, got.Changed), want.Changed, got.Changed},
		{"conflicts", slices.Equal(want.Conflicts, got.Conflicts), want.Conflicts, got.Conflicts},
	} {
		if !c.same {
			return fmt.Sprintf("%s: want %+v\ngot %+v", c.what, c.want, c.got)
		}
	}
	return ""
}

// All returns the language-neutral cases. It returns an error if a file has a useless or missing
// member, a name that occurs twice, or a text that no case uses.
func All() ([]Case, error) { return read(files.Files) }

func read(from fs.FS) (all []Case, err error) {
	paths, err := fs.Glob(from, "*.json")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, p := range paths {
		data, err := fs.ReadFile(from, p)
		if err != nil {
			return nil, err
		}
		var file struct {
			Texts map[string]string
			Cases []json.RawMessage
		}
		if err := decodeStrictly(data, &file); err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		used := map[string]bool{}
		for _, raw := range file.Cases {
			v, err := readCase(raw, file.Texts, used)
			v.Name = strings.TrimSuffix(path.Base(p), ".json") + ": " + v.Name
			if err == nil && names[v.Name] {
				err = errors.New("the name is there twice")
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.Name, err)
			}
			names[v.Name] = true
			all = append(all, v)
		}
		for name := range file.Texts {
			if !used[name] {
				return nil, fmt.Errorf("%s: no case uses the text %s", p, name)
			}
		}
	}
	return all, nil
}

// readCase reads one case and replaces the names of texts in its strings.
func readCase(raw []byte, texts map[string]string, used map[string]bool) (Case, error) {
	var c struct {
		Case
		BodyBase64 []byte `json:"body_base64"`
		Errors     []Error
		Fault      string
		Status     int
		Result     *string
		Changed    []string
		Conflicts  []Conflict
	}
	if err := decodeStrictly(raw, &c); err != nil {
		return c.Case, err
	}
	if err := checkKeys(raw, &c.Case, len(c.Errors) > 0 || c.Fault != ""); err != nil {
		return c.Case, err
	}
	v := c.Case
	v.Want = Outcome{Errors: c.Errors, Fault: c.Fault, Status: c.Status, Changed: c.Changed, Conflicts: c.Conflicts}
	if c.Result != nil {
		v.Want.Result = *c.Result
	}
	for _, text := range []*string{
		&v.Body, &v.Value, &v.Existing, &v.Patch, &v.From, &v.To, &v.Base, &v.Ours, &v.Theirs, &v.Want.Result,
	} {
		for name, by := range texts {
			if mark := "<<" + name + ">>"; strings.Contains(*text, mark) {
				used[name] = true
				*text = strings.ReplaceAll(*text, mark, by)
			}
		}
	}
	if c.BodyBase64 != nil {
		v.Body = string(c.BodyBase64)
	}
	return v, nil
}

func decodeStrictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the value")
	}
	return nil
}

// vectorKeys lists, for each operation, the members that a case must have and those that it may
// have, besides name, op, source, options, errors, status and result.
var vectorKeys = map[string]struct{ must, may string }{
	"parse":        {"", "body body_base64"},
	"parse_stored": {"", "body body_base64"},
	"parse_patch":  {"", "body body_base64"},
	"check_field":  {"field value", ""},
	"merge":        {"existing patch", "now changed fault"},
	"diff":         {"from to", ""},
	"merge3":       {"base ours theirs", "conflicts"},
	"update":       {"path_id scopes content_type idempotency_key body", ""},
}

// checkKeys requires a case to have all members that its operation needs and none that it ignores.
func checkKeys(raw []byte, v *Case, refused bool) error {
	var has map[string]json.RawMessage
	if err := json.Unmarshal(raw, &has); err != nil {
		return err
	}
	keys, known := vectorKeys[v.Op]
	if !known {
		return errors.New("unknown op")
	}
	must := strings.Fields("name op source " + keys.must)
	may := strings.Fields("options errors status result " + keys.may)
	for _, key := range must {
		if has[key] == nil || reflect.DeepEqual(has[key], json.RawMessage(`""`)) && key == "source" {
			return fmt.Errorf("no %s", key)
		}
	}
	for key := range has {
		if !slices.Contains(must, key) && !slices.Contains(may, key) {
			return fmt.Errorf("%s means nothing here", key)
		}
	}
	exactly := func(key string, want bool) bool { return (has[key] != nil) == want }
	switch {
	case strings.HasPrefix(v.Op, "parse") && !exactly("body_base64", has["body"] == nil):
		return errors.New("not one body")
	case !exactly("result", v.Op != "check_field" && !refused):
		return errors.New("a result must be there exactly if the input is accepted")
	case !exactly("changed", v.Op == "merge" && !refused):
		return errors.New("changed must be there exactly if a merge is accepted")
	case !exactly("conflicts", v.Op == "merge3" && !refused):
		return errors.New("conflicts must be there exactly if a merge3 is accepted")
	case has["errors"] == nil && has["status"] != nil:
		return errors.New("a status without errors")
	case has["errors"] != nil && has["fault"] != nil:
		return errors.New("errors of the patch and a fault of the existing contact")
	case has["errors"] == nil && has["fault"] == nil && has["result"] == nil:
		return errors.New("nothing is expected")
	}
	return nil
}
