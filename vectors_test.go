package contact_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// testdata/README.md says what the files hold; the names below are theirs.

type vectorFile struct {
	Texts map[string]string
	Cases []json.RawMessage
}

type vector struct {
	Name, Op, Source string
	Options          vectorOptions

	Body, Field, Value   string
	BodyBase64           []byte `json:"body_base64"`
	Existing, Patch, Now string
	From, To             string
	Base, Ours, Theirs   string
	PathID               string `json:"path_id"`
	Scopes               []string
	ContentType          string `json:"content_type"`
	IdempotencyKey       string `json:"idempotency_key"`

	Errors    []vectorError
	Status    int
	Result    *string
	Changed   []string
	Conflicts []vectorConflict
}

type vectorOptions struct {
	Complete          bool
	IgnoreUnknown     bool `json:"ignore_unknown"`
	AllowStale        bool `json:"allow_stale"`
	AnyIdempotencyKey bool `json:"any_idempotency_key"`
	MaxBytes          int  `json:"max_bytes"`
	MaxDepth          int  `json:"max_depth"`
	MaxErrors         int  `json:"max_errors"`
	MaxMeta           int  `json:"max_meta"`
	MaxDocument       int  `json:"max_document"`

	VersionResolution time.Duration `json:"version_resolution"`
}

type vectorError struct {
	Rule                       string
	Pointer, Parameter, Header string
	Code, Suggestion           string
	Offset                     int
	RequiredScope              string `json:"required_scope"`
	PointerTruncated           bool   `json:"pointer_truncated"`
}

type vectorConflict struct{ Pointer, Base, Ours, Theirs string }

// vectorKeys are the keys that a case of each operation has and those that it may have, besides name, op, source, options,
// errors, status and result.
var vectorKeys = map[string]struct{ must, may string }{
	"parse":        {"", "body body_base64"},
	"parse_stored": {"", "body body_base64"},
	"parse_patch":  {"", "body body_base64"},
	"check_field":  {"field value", ""},
	"merge":        {"existing patch", "now changed"},
	"diff":         {"from to", ""},
	"merge3":       {"base ours theirs", "conflicts"},
	"update":       {"path_id scopes content_type idempotency_key body", ""},
}

// vectorFiles are the files that must be there, with the fewest cases that each must hold.
var vectorFiles = map[string]int{"validate": 300, "merge": 100, "diff": 35, "merge3": 40, "update": 90}

func readVectors(t *testing.T) (vectors []vector) {
	paths, err := filepath.Glob("testdata/vectors/*.json")
	require.NoError(t, err)
	require.Len(t, paths, len(vectorFiles), "files in testdata/vectors")
	names := map[string]bool{}
	for _, path := range paths {
		file := strings.TrimSuffix(filepath.Base(path), ".json")
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var f vectorFile
		decodeStrictly(t, path, data, &f)
		least, known := vectorFiles[file]
		require.True(t, known, "%s is not a file that this test knows", path)
		require.GreaterOrEqual(t, len(f.Cases), least, "cases in %s", path)
		used := map[string]bool{}
		expand := func(text string) string {
			for name, by := range f.Texts {
				if mark := "<<" + name + ">>"; strings.Contains(text, mark) {
					used[name] = true
					text = strings.ReplaceAll(text, mark, by)
				}
			}
			return text
		}
		for _, raw := range f.Cases {
			var v vector
			decodeStrictly(t, path, raw, &v)
			where := path + ": " + v.Name
			require.NotEmpty(t, v.Name, path)
			require.NotEmpty(t, v.Source, where)
			require.False(t, names[file+": "+v.Name], "%s is there twice", where)
			names[file+": "+v.Name] = true
			checkVectorKeys(t, where, &v, raw)
			for _, text := range []*string{&v.Body, &v.Value, &v.Existing, &v.Patch, &v.From, &v.To, &v.Base, &v.Ours, &v.Theirs, v.Result} {
				if text != nil {
					*text = expand(*text)
				}
			}
			if v.BodyBase64 != nil {
				v.Body = string(v.BodyBase64)
			}
			v.Name = file + ": " + v.Name
			vectors = append(vectors, v)
		}
		require.Len(t, used, len(f.Texts), "%s has a text that no case uses", path)
	}
	return vectors
}

func decodeStrictly(t *testing.T, path string, data []byte, into any) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(into), path)
	require.False(t, d.More(), "%s: something follows the value", path)
}

// checkVectorKeys demands that a case has what its operation needs and nothing that it ignores.
func checkVectorKeys(t *testing.T, where string, v *vector, raw []byte) {
	var has map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &has))
	keys, known := vectorKeys[v.Op]
	require.True(t, known, "%s: unknown op", where)
	for _, key := range strings.Fields(keys.must) {
		require.Contains(t, has, key, where)
	}
	may := strings.Fields("name op source options errors status result " + keys.must + " " + keys.may)
	for key := range has {
		require.Contains(t, may, key, "%s: a key that means nothing here", where)
	}
	if strings.HasPrefix(v.Op, "parse") {
		require.True(t, (has["body"] != nil) != (has["body_base64"] != nil), "%s: one body", where)
	}
	refused := len(v.Errors) > 0
	require.Equal(t, v.Op != "check_field" && !refused, v.Result != nil, "%s: a result exactly if it is accepted", where)
	require.Equal(t, v.Op == "merge" && !refused, has["changed"] != nil, "%s: changed", where)
	require.Equal(t, v.Op == "merge3" && !refused, has["conflicts"] != nil, "%s: conflicts", where)
	require.True(t, refused || has["status"] == nil, "%s: a status only with errors", where)
	require.True(t, has["errors"] != nil || v.Result != nil, "%s: nothing is expected", where)
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Name, func(t *testing.T) { v.run(t) })
	}
}

func (v *vector) run(t *testing.T) {
	r := contact.Options{
		Complete: v.Options.Complete, IgnoreUnknown: v.Options.IgnoreUnknown, AllowStale: v.Options.AllowStale, AnyIdempotencyKey: v.Options.AnyIdempotencyKey,
		MaxBytes: v.Options.MaxBytes, MaxDepth: v.Options.MaxDepth, MaxErrors: v.Options.MaxErrors, MaxMeta: v.Options.MaxMeta,
		MaxDocument: v.Options.MaxDocument, VersionResolution: v.Options.VersionResolution,
	}
	stored := func(text string) *contact.Contact {
		c, err := contact.ParseStored([]byte(text))
		require.NoError(t, err, "a contact of this case")
		return c
	}
	var (
		err       error
		result    []byte
		changed   contact.FieldSet
		conflicts []contact.Conflict
	)
	switch v.Op {
	case "parse", "parse_stored":
		parse, check := r.Parse, r.Check
		if v.Op == "parse_stored" {
			parse, check = r.ParseStored, nil
		}
		var c *contact.Contact
		if c, err = parse([]byte(v.Body)); err == nil {
			result = c.AppendJSON(nil)
		} else {
			require.Nil(t, c)
		}
		if check != nil {
			require.Equal(t, err, check([]byte(v.Body)), "Check agrees with Parse")
		}
	case "parse_patch":
		var p *contact.Patch
		if p, err = r.ParsePatch([]byte(v.Body)); err == nil {
			result = p.AppendJSON(nil)
		} else {
			require.Nil(t, p)
		}
		require.Equal(t, err, r.CheckPatch([]byte(v.Body)), "CheckPatch agrees with ParsePatch")
	case "check_field":
		f, ok := contact.FieldByName(v.Field)
		require.True(t, ok, "a field of this name")
		err = r.CheckField(f, []byte(v.Value))
	case "merge":
		var now time.Time
		if v.Now != "" {
			var bad error
			now, bad = contact.ParseTimestamp(v.Now)
			require.NoError(t, bad, "now")
		}
		result, changed, err = r.AppendMerge(nil, []byte(v.Existing), []byte(v.Patch), now)
		sameAsSteps(t, r, []byte(v.Existing), []byte(v.Patch), now)
	case "diff":
		var p *contact.Patch
		if p, err = contact.Diff(stored(v.From), stored(v.To)); err == nil {
			result = p.AppendJSON(nil)
		} else {
			require.Nil(t, p)
		}
	case "merge3":
		var c *contact.Contact
		if c, conflicts, err = contact.Merge3(stored(v.Base), stored(v.Ours), stored(v.Theirs)); err == nil {
			result = c.AppendJSON(nil)
		} else {
			require.Nil(t, c)
			require.Nil(t, conflicts)
		}
	case "update":
		var u *contact.Update
		u, err = r.ParseUpdate(contact.UpdateRequest{
			PathID: v.PathID, Scopes: v.Scopes, ContentType: v.ContentType, IdempotencyKey: v.IdempotencyKey, Body: []byte(v.Body),
		})
		if err == nil {
			result = u.Patch.AppendJSON(nil)
			require.Equal(t, strings.ToLower(v.PathID), u.ID.String())
			require.Equal(t, v.IdempotencyKey, u.IdempotencyKey)
		} else {
			require.Nil(t, u)
		}
	}

	if len(v.Errors) > 0 {
		var errs contact.Errors
		if stored := (*contact.StoreError)(nil); v.Op == "parse_stored" && errors.As(err, &stored) {
			errs = stored.Errors()
		} else {
			require.True(t, errors.As(err, &errs), "refused with Errors, not %v", err)
		}
		got := make([]vectorError, len(errs))
		for i, e := range errs {
			got[i] = vectorError{
				Rule: string(e.Rule), Pointer: e.Pointer, Parameter: e.Parameter, Header: e.Header,
				Suggestion: e.Meta.Suggestion, Offset: e.Meta.Offset,
				RequiredScope: e.Meta.RequiredScope, PointerTruncated: e.Meta.PointerTruncated,
			}
			if i < len(v.Errors) && v.Errors[i].Code != "" {
				got[i].Code = string(e.Code)
			}
		}
		require.Equal(t, v.Errors, got)
		if v.Status != 0 {
			require.Equal(t, v.Status, errs.Status())
		}
		return
	}
	require.NoError(t, err)
	if v.Result != nil {
		require.Equal(t, *v.Result, string(result))
	}
	if v.Op == "merge" {
		require.Equal(t, strings.Join(v.Changed, ","), changed.String())
	}
	if v.Op == "merge3" {
		got := make([]vectorConflict, len(conflicts))
		for i, c := range conflicts {
			got[i] = vectorConflict(c)
		}
		require.True(t, slices.Equal(v.Conflicts, got), "want %+v, got %+v", v.Conflicts, got)
	}
}
