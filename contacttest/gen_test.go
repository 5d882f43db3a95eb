package contacttest_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/reference"
	"github.com/partner-contacts/contact/internal/singles"
	"github.com/partner-contacts/contact/internal/tree"
)

// gens are sources of choices: bytes of all lengths, and random numbers.
func gens(n int, check func(g *contacttest.Gen)) {
	r := rand.New(rand.NewPCG(7396, 9562))
	for i := range n {
		data := make([]byte, i)
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		check(contacttest.FromBytes(data))
		check(contacttest.New(r))
	}
}

func object(t *testing.T, text []byte) tree.Object {
	o, err := tree.DecodeObject(text)
	require.NoError(t, err, "%s", text)
	return o
}

func TestValidByConstruction(t *testing.T) {
	seen := map[string]bool{}
	gens(600, func(g *contacttest.Gen) {
		body := g.Contact()
		require.NoError(t, reference.Check(body), "%s", body)
		c, err := contact.Parse(body)
		require.NoError(t, err)
		require.Equal(t, string(body), string(c.AppendJSON(nil)), "as the library writes it")
		again, err := contact.Parse(g.Reformat(body))
		require.NoError(t, err)
		require.True(t, tree.Same(object(t, body), object(t, again.AppendJSON(nil))), "reformatted")

		edited := g.Edit(body)
		e, err := contact.Parse(edited)
		require.NoError(t, err)
		require.Equal(t, string(edited), string(e.AppendJSON(nil)))
		_, err = contact.Diff(c, e)
		require.False(t, errors.As(err, new(contact.Errors)) && strings.Contains(err.Error(), "changes"), "%v", err)
		require.Equal(t, c.ID, e.ID)

		patch := g.Patch(body)
		require.NoError(t, reference.CheckPatch(patch), "%s", patch)
		p, err := contact.ParsePatch(g.Reformat(patch))
		require.NoError(t, err)
		merged, changed, err := contact.Merge(c, p, time.Now())
		require.NoError(t, err, "%s\n%s", body, patch)
		for f := range changed.All() {
			seen["changed "+f.String()] = true
		}
		for f := range p.Fields().All() {
			if v, _ := p.Get(f); v != nil {
				continue
			}
			seen["cleared "+f.String()] = true
		}
		require.NotNil(t, merged)

		p, err = contact.ParsePatch(g.Patch(edited))
		require.NoError(t, err)
		_, _, err = contact.Merge(e, p, time.Now())
		require.NoError(t, err, "%s", edited)

		document := g.Document()
		_, err = contact.Options{IgnoreUnknown: true}.ParseStored(document)
		require.NoError(t, err, "%s", document)
		for name, patch := range map[string][]byte{
			"a patch": g.Patch(document), "a reformatted patch": g.Reformat(g.Patch(document)), "{}": []byte("{}"),
		} {
			after, _, err := contact.AppendMerge(nil, document, patch, time.Time{})
			require.NoError(t, err, "%s of %s: %s", name, document, patch)
			_, err = contact.Options{IgnoreUnknown: true}.ParseStored(after)
			require.NoError(t, err, "%s", after)
		}
		_, err = contact.ParseStored(g.Edit(document))
		require.NoError(t, err)
		seen["old timezone"] = seen["old timezone"] || strings.Contains(string(document), "Olympus")
		seen["later member"] = seen["later member"] || strings.Contains(string(document), "later_")
	})
	for f := range contact.WritableFields.All() {
		require.True(t, seen["changed "+f.String()], "no patch changes %s", f)
		if !contact.RequiredFields.Has(f) {
			require.True(t, seen["cleared "+f.String()], "no patch clears %s", f)
		}
	}
	require.True(t, seen["old timezone"] && seen["later member"], "%v", seen)
}

// TestInvalidPatch: both engines find exactly the fault that was asked for.
func TestInvalidPatch(t *testing.T) {
	n := 10
	if testing.Short() {
		n = 1
	}
	possible := map[contact.Rule]contact.FieldSet{}
	for f := range contact.AllFields.All() {
		for _, rule := range contacttest.Rules(f) {
			possible[rule] |= contact.FieldsOf(f)
			if rule == contact.RuleSize && f > contact.FieldTeamID {
				continue // a megabyte each
			}
			gens(n, func(g *contacttest.Gen) {
				document := g.Contact()
				if g.Choose(2) == 1 {
					document = g.Document()
				}
				patch := g.InvalidPatch(document, rule, f)
				require.NotNil(t, patch, "%s %s", rule, f)
				exactlyWrong(t, document, patch, rule, f)
			})
		}
	}
	all := contact.AllFields
	ofKind := func(kinds ...contact.Kind) (set contact.FieldSet) {
		for f := range all.All() {
			for _, k := range kinds {
				if f.Kind() == k {
					set |= contact.FieldsOf(f)
				}
			}
		}
		return set
	}
	require.Equal(t, map[contact.Rule]contact.FieldSet{
		contact.RuleType: all, contact.RuleDuplicate: all, contact.RuleUnknown: all, contact.RuleSyntax: all,
		contact.RuleDepth: all, contact.RuleSize: all,
		contact.RuleNull: contact.RequiredFields, contact.RuleRequired: contact.RequiredFields,
		contact.RuleEnum: ofKind(contact.KindConstant, contact.KindEnum), contact.RuleStale: contact.FieldsOf(contact.FieldUpdatedAt),
		contact.RuleImmutable: contact.IdentityFields &^ contact.FieldsOf(contact.FieldType),
		contact.RuleUUID:      ofKind(contact.KindID, contact.KindIDs),
		contact.RuleDate:      ofKind(contact.KindDate),
		contact.RuleTimestamp: ofKind(contact.KindTimestamp),
		contact.RuleTimezone:  ofKind(contact.KindTimezone),
	}, possible)
	require.Nil(t, contacttest.FromBytes(nil).InvalidPatch(contacttest.Sample(), contact.RuleIdempotencyKey, contact.FieldID))
}

func exactlyWrong(t *testing.T, document, patch []byte, rule contact.Rule, f contact.Field) {
	t.Helper()
	o := contact.Options{RequireComplete: rule == contact.RuleRequired}
	err := o.CheckPatch(patch)
	switch rule {
	case contact.RuleImmutable, contact.RuleStale:
		require.NoError(t, err)
		stored, storedErr := contact.ParseStored(document)
		require.NoError(t, storedErr)
		p, patchErr := contact.ParsePatch(patch)
		require.NoError(t, patchErr)
		_, _, err = contact.Merge(stored, p, time.Time{})
	case contact.RuleSyntax, contact.RuleDepth, contact.RuleSize, contact.RuleRequired:
	default:
		if reference := reference.CheckPatch(patch); reference == nil {
			// Instants whose year in UTC is not 0000 to 9999: see the root package.
			require.Equal(t, contact.RuleTimestamp, rule, "%s", patch)
		} else {
			var want, got contact.Errors
			require.ErrorAs(t, reference, &want)
			require.ErrorAs(t, err, &got)
			require.Equal(t, want[0].Rule, got[0].Rule)
			require.Equal(t, want[0].Pointer, got[0].Pointer)
		}
	}
	var errs contact.Errors
	require.ErrorAs(t, err, &errs, "%s of %s", rule, patch)
	require.Len(t, errs, 1, "%s", patch)
	require.Equal(t, rule, errs[0].Rule, "%s", patch)
	switch rule {
	case contact.RuleUnknown:
		require.Contains(t, strings.ToLower(errs[0].Pointer), f.String())
	case contact.RuleSyntax, contact.RuleDepth, contact.RuleSize:
		require.Empty(t, errs[0].Pointer)
	default:
		require.True(t, errs[0].Pointer == "/"+f.String() || strings.HasPrefix(errs[0].Pointer, "/"+f.String()+"/"), "%s", patch)
	}
}

// TestShrinks: fewer bytes make simpler values, and every beginning of the bytes a
// value that is in order.
func TestShrinks(t *testing.T) {
	simplest := contacttest.FromBytes(nil)
	require.Equal(t, `{}`, string(simplest.Patch(contacttest.Sample())))
	require.Equal(t, string(contacttest.Sample()), string(simplest.Body()))
	c, err := contact.Parse(simplest.Contact())
	require.NoError(t, err)
	require.Equal(t, contact.Object("{}"), c.MetaPublic)
	require.Equal(t, simplest.Contact(), simplest.Document())
	require.Equal(t, `{"city":7}`, string(simplest.InvalidPatch(simplest.Contact(), contact.RuleType, contact.FieldCity)))

	data := contacttest.Seeds()[len(contacttest.Seeds())-1]
	var longest int
	for n := range data {
		body := contacttest.FromBytes(data[:n]).Contact()
		require.NoError(t, contact.Check(body))
		longest = max(longest, len(body))
	}
	require.Greater(t, longest, len(simplest.Contact())+200)
}

func TestSameBytesSameValues(t *testing.T) {
	for _, data := range contacttest.Seeds() {
		before := bytes.Clone(data)
		a, b := contacttest.FromBytes(data), contacttest.FromBytes(data)
		require.Equal(t, a.Document(), b.Document())
		require.Equal(t, a.Body(), b.Body())
		require.Equal(t, before, data)
	}
}

// TestWithMarker: the marker is in values alone.
func TestWithMarker(t *testing.T) {
	const marker = "86753098675309"
	marked := 0
	gens(100, func(g *contacttest.Gen) {
		body := g.WithMarker(marker)
		if bytes.Contains(body, []byte(marker)) {
			marked++
		}
		o, err := tree.DecodeObject(body)
		if err != nil {
			return
		}
		for _, m := range o {
			require.NotContains(t, m.Name, marker)
		}
	})
	require.Greater(t, marked, 100)
}

// TestSingles: every field with a value of every kind.
func TestSingles(t *testing.T) {
	n, valid := 0, 0
	for body := range singles.All() {
		n++
		if contact.CheckPatch(body) == nil {
			valid++
		}
	}
	require.Greater(t, n, 5000)
	require.Greater(t, valid, 300)
}

func FuzzGen(f *testing.F) {
	contacttest.AddSeeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		g := contacttest.FromBytes(data)
		document := g.Contact()
		if err := contact.Check(document); err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		patch := g.Patch(document)
		if _, _, err := contact.AppendMerge(nil, document, patch, time.Time{}); err != nil {
			t.Fatalf("%s and %s: %v", document, patch, err)
		}
		field := contact.Field(g.Choose(contact.AllFields.Len()))
		rules := contacttest.Rules(contact.FieldCity)
		rule := rules[g.Choose(len(rules)-1)] // size is the last, a megabyte
		if wrong := g.InvalidPatch(document, rule, field); wrong != nil {
			exactlyWrong(t, document, wrong, rule, field)
		}
	})
}
