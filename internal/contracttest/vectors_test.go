package contracttest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/vectors"
)

// TestVectors runs the cases of testdata/vectors, which testdata/README.md describes.
func TestVectors(t *testing.T) {
	all, err := vectors.All()
	require.NoError(t, err)
	cases := map[string]int{}
	for _, v := range all {
		file, _, _ := strings.Cut(v.Name, ":")
		cases[file]++
	}
	for file, least := range map[string]int{"validate": 300, "merge": 100, "diff": 35, "merge3": 40, "update": 90} {
		t.Run(row.Name(file), func(t *testing.T) {
			require.GreaterOrEqual(t, cases[file], least, "cases in %s.json", file)
		})
	}
	vectors.Run(t, mergePlan)
}

// outcome does what a vector says. Where several functions do the same, all must come to the same end.
func mergePlan(t *testing.T, v vectors.Case) vectors.Outcome {
	r := contact.Options{
		RequireComplete: v.Options.RequireComplete, IgnoreUnknown: v.Options.IgnoreUnknown, AllowStale: v.Options.AllowStale, AnyIdempotencyKey: v.Options.AnyIdempotencyKey,
		MaxBytes: v.Options.MaxBytes, MaxDepth: v.Options.MaxDepth, MaxErrors: v.Options.MaxErrors, MaxMeta: v.Options.MaxMeta,
		MaxDocument: v.Options.MaxDocument, VersionResolution: v.Options.VersionResolution,
		TimestampResolution: v.Options.TimestampResolution,
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
		if c, conflicts, err = contact.Merge3(stored(v.Base), stored(v.Ours), stored(v.Theirs), nil); err == nil {
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
	if err == nil {
		out := vectors.Outcome{Result: string(result)}
		for f := range changed.All() {
			out.Changed = append(out.Changed, f.String())
		}
		for _, c := range conflicts {
			out.Conflicts = append(out.Conflicts, vectors.Conflict{
				Pointer: c.Pointer, PointerTruncated: c.PointerTruncated, Base: c.Base, Ours: c.Ours, Theirs: c.Theirs})
		}
		return out
	}
	if stored := (*contact.StoreError)(nil); v.Op == "merge" && errors.As(err, &stored) {
		return vectors.Outcome{Fault: "existing"}
	}
	var errs contact.Errors
	if stored := (*contact.StoreError)(nil); v.Op == "parse_stored" && errors.As(err, &stored) {
		errs = stored.Errors()
	} else {
		require.True(t, errors.As(err, &errs), "refused with Errors, not %v", err)
	}
	out := vectors.Outcome{Status: errs.Status()}
	for _, e := range errs {
		out.Errors = append(out.Errors, vectors.Error{
			Rule: string(e.Rule), Pointer: e.Pointer, Parameter: e.Parameter, Header: e.Header, Code: string(e.Code),
			Suggestion: e.Meta.Suggestion, Offset: e.Meta.Offset,
			RequiredScope: e.Meta.RequiredScope, PointerTruncated: e.Meta.PointerTruncated,
		})
	}
	return out
}
