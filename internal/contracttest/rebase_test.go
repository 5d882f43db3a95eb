package contracttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/partner-contacts/contact/internal/tree"
)

// TestRebase: a rebased patch makes of theirs what Merge3 makes of base, ours and theirs, and for a caller who keeps all
// that the patch repeats, what the patch itself makes of theirs where both are about the same places.
func TestRebase(t *testing.T) {
	repeats, conflicted := 0, 0
	random(t, func(t *testing.T, g *maker) {
		doc := g.contact()
		base, theirs := mustParse(t, g.document(doc)), mustParse(t, g.document(g.edit(doc)))
		patch := g.patch(doc)
		for f := range contact.IdentityFields.All() {
			patch = patch.With(f.String(), tree.Absent)
		}
		for f := range contact.WritableFields.All() { // and some that base has
			if value := doc.Get(f.String()); value != tree.Absent && g.n(3) == 0 {
				patch = patch.With(f.String(), value)
			}
		}
		p := MustParsePatch(t, g.document(patch))
		befores := []string{string(base.AppendJSON(nil)), string(theirs.AppendJSON(nil)), string(p.AppendJSON(nil))}
		ours, _, err := contact.Options{AllowStale: true}.Merge(base, p, time.Time{})
		require.NoError(t, err)

		var places []string
		for _, keep := range []func(contact.Conflict) bool{
			nil,
			func(c contact.Conflict) bool { return !c.Repeated },
			func(c contact.Conflict) bool { return !c.Repeated && len(c.Pointer)%2 == 0 },
		} {
			want, asked, err := contact.Merge3(base, ours, theirs, keep)
			require.NoError(t, err)
			rebased, conflicts, err := p.Rebase(base, theirs, keep)
			if _, unsayable := contact.Diff(theirs, want); unsayable != nil {
				require.Equal(t, unsayable, err)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, befores, []string{string(base.AppendJSON(nil)), string(theirs.AppendJSON(nil)), string(p.AppendJSON(nil))})
			got, changed, err := contact.Merge(theirs, rebased, time.Time{})
			require.NoError(t, err)
			want.UpdatedAt = theirs.UpdatedAt
			require.Empty(t, changesOf(want, got))
			require.Equal(t, changed, rebased.Fields()&^contact.FieldsOf(contact.FieldUpdatedAt), "nothing that theirs has")
			require.Equal(t, asked, append([]contact.Conflict(nil), conflicts[:len(asked)]...))
			for _, c := range conflicts[len(asked):] {
				require.True(t, c.Repeated)
				require.Equal(t, c.Base, c.Ours)
				require.NotEqual(t, c.Ours, c.Theirs)
				repeats++
			}
			conflicted += len(asked)
			var all []string
			for _, c := range conflicts {
				all = append(all, fmt.Sprint(c.Pointer, c.Repeated))
			}
			if keep == nil {
				places = all
			}
			require.Equal(t, places, all, "the conflicts do not depend on the answers")
			later := *theirs
			later.UpdatedAt = theirs.UpdatedAt.Add(time.Second)
			_, _, err = contact.Merge(&later, rebased, time.Time{})
			require.Equal(t, []string{"stale /updated_at"}, faults(t, err))
		}

		// Who keeps everything has each field that the patch sets, as the patch has it.
		rebased, _, err := p.Rebase(base, theirs, func(contact.Conflict) bool { return true })
		if err != nil {
			return
		}
		got, _, err := contact.Merge(theirs, rebased, time.Time{})
		require.NoError(t, err)
		for f := range (p.Fields() & contact.WritableFields &^ contact.FieldsOf(contact.FieldMetaPublic)).All() {
			want, has := p.Get(f)
			value, _ := got.Get(f)
			require.True(t, has)
			require.Equal(t, want, value, f)
		}
		meta, _ := p.Get(contact.FieldMetaPublic)
		if text, ok := meta.(contact.Object); ok {
			requireHas(t, decodeObject(t, []byte(got.MetaPublic)), decodeObject(t, []byte(text)))
		}
	})
	require.NotZero(t, repeats)
	require.NotZero(t, conflicted)
}

// requireHas requires an object to be as a merge patch makes it, in the places that the patch names.
func requireHas(t *testing.T, o, patch tree.Object) {
	for _, m := range patch {
		switch v := m.Value.(type) {
		case nil:
			require.Equal(t, tree.Absent, o.Get(m.Name), m.Name)
		case tree.Object:
			inner, ok := o.Get(m.Name).(tree.Object)
			if ok || len(v) > 0 {
				requireHas(t, inner, v)
			}
		default:
			require.True(t, tree.Same(v, o.Get(m.Name)), m.Name)
		}
	}
}

// TestRebaseRepeats: what the patch repeats, in each place, and what the caller is asked about it.
func TestRebaseRepeats(t *testing.T) {
	base := SampleContact(t)
	base.SMSOptedIn, base.MetaPublic, base.PhoneHome = true, `{"a":1,"o":{"x":1,"y":2},"e":{}}`, nil
	for _, c := range []struct {
		patch       string
		theirs      func(*contact.Contact)
		asked, kept string // pointers with the three values, and the patch if all are kept
		without     string // the patch if none is
	}{
		{`{"sms_opted_in":true}`, func(c *contact.Contact) {}, ``, `{}`, `{}`},
		{`{"sms_opted_in":true}`, func(c *contact.Contact) { c.SMSOptedIn = false }, `/sms_opted_in true true false;`, `{"sms_opted_in":true}`, `{}`},
		{`{"sms_opted_in":false}`, func(c *contact.Contact) { c.SMSOptedIn = false }, ``, `{}`, `{}`},
		{`{"phone_home":null}`, func(c *contact.Contact) { c.PhoneHome = c.City }, `/phone_home   "Chicago";`, `{"phone_home":null}`, `{}`},
		{`{"city":"Chicago"}`, func(c *contact.Contact) { c.City = nil }, `/city "Chicago" "Chicago" ;`, `{"city":"Chicago"}`, `{}`},
		{`{"meta_public":{"a":1}}`, func(c *contact.Contact) { c.MetaPublic = `{"a":2}` }, `/meta_public/a 1 1 2;`, `{"meta_public":{"a":1}}`, `{}`},
		{`{"meta_public":{"b":null}}`, func(c *contact.Contact) { c.MetaPublic = `{"b":{"c":1}}` }, `/meta_public/b   {"c":1};`, `{"meta_public":{"b":null}}`, `{}`},
		{`{"meta_public":{"o":{"x":1}}}`, func(c *contact.Contact) { c.MetaPublic = `{"o":3}` }, `/meta_public/o/x 1 1 ;`, `{"meta_public":{"o":{"x":1}}}`, `{}`},
		{`{"meta_public":{"o":{"x":1,"y":3}}}`, func(c *contact.Contact) { c.MetaPublic = `{"o":{"x":5,"y":2}}` }, `/meta_public/o/x 1 1 5;`,
			`{"meta_public":{"o":{"x":1,"y":3}}}`, `{"meta_public":{"o":{"y":3}}}`},
		{`{"meta_public":{"a":{"z":null}}}`, func(c *contact.Contact) { c.MetaPublic = `{"a":1}` }, ``, `{"meta_public":{"a":{}}}`, `{"meta_public":{"a":{}}}`},
		{`{"meta_public":{"o":{}}}`, func(c *contact.Contact) { c.MetaPublic = `{}` }, ``, `{}`, `{}`},
		{`{"meta_public":{"e":{}}}`, func(c *contact.Contact) { c.MetaPublic = `{}` }, `/meta_public/e {} {} ;`, `{"meta_public":{"e":{}}}`, `{}`},
		{`{"meta_public":{"e":{}}}`, func(c *contact.Contact) { c.MetaPublic = `{"e":5}` }, `/meta_public/e {} {} 5;`, `{"meta_public":{"e":{}}}`, `{}`},
		{`{"meta_public":{"e":{}}}`, func(c *contact.Contact) { c.MetaPublic = `{"e":{"z":1}}` }, ``, `{}`, `{}`},
		{`{"city":"Oslo","updated_at":"2020-01-01T00:00:00Z"}`, func(c *contact.Contact) {}, ``, `{"city":"Oslo"}`, `{"city":"Oslo"}`},
	} {
		t.Run(row.Name(c.patch), func(t *testing.T) {
			p, theirs := MustParsePatch(t, []byte(c.patch)), base.Clone()
			c.theirs(theirs)
			theirs.UpdatedAt = theirs.UpdatedAt.Add(time.Minute)
			for _, keep := range []bool{true, false} {
				asked := ""
				rebased, conflicts, err := p.Rebase(base, theirs, func(at contact.Conflict) bool {
					require.True(t, at.Repeated)
					asked += at.Pointer + " " + at.Base + " " + at.Ours + " " + at.Theirs + ";"
					return keep
				})
				require.NoError(t, err)
				require.Equal(t, c.asked, asked)
				want := c.without
				if keep {
					want = c.kept
				}
				require.Equal(t, string(must(MustParsePatch(t, []byte(want)).At(theirs.UpdatedAt)).AppendJSON(nil)), string(rebased.AppendJSON(nil)))
				silent, all, err := p.Rebase(base, theirs, nil)
				require.NoError(t, err)
				require.Equal(t, conflicts, all)
				require.Equal(t, keep && c.kept != c.without, string(silent.AppendJSON(nil)) != string(rebased.AppendJSON(nil)))
			}
		})
	}
}

// TestRebaseErrors: each error, and nothing with it.
func TestRebaseErrors(t *testing.T) {
	base := SampleContact(t)
	p := MustParsePatch(t, []byte(`{"city":"Oslo","meta_public":{"a":1}}`))
	broken, unset, other, nulls := base.Clone(), base.Clone(), base.Clone(), base.Clone()
	broken.MetaPublic, unset.UpdatedAt, other.TeamID = "[]", time.Time{}, other.ID
	nulls.MetaPublic = `{"n":null}`
	foreign := MustParsePatch(t, []byte(`{"team_id":"919108f7-52d1-4320-9bac-f847db4148a8"}`))
	for name, c := range map[string]struct {
		p            *contact.Patch
		base, theirs *contact.Contact
		is           error
		faults       []string
	}{
		"nil patch":     {nil, base, base, contact.ErrNil, nil},
		"nil base":      {p, nil, base, contact.ErrNil, nil},
		"nil theirs":    {p, base, nil, contact.ErrNil, nil},
		"base broken":   {p, broken, base, contact.ErrText, nil},
		"theirs broken": {p, base, broken, contact.ErrText, nil},
		"no version":    {p, base, unset, contact.ErrTime, nil},
		"other contact": {p, base, other, nil, []string{"immutable /team_id"}},
		"other team":    {foreign, base, base, nil, []string{"immutable /team_id"}},
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			rebased, conflicts, err := c.p.Rebase(c.base, c.theirs, func(contact.Conflict) bool { return true })
			require.Nil(t, rebased)
			require.Nil(t, conflicts)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
				return
			}
			require.Equal(t, c.faults, faults(t, err))
		})
	}
	rebased, _, err := p.Rebase(base, nulls, nil)
	require.NoError(t, err, "what is null in theirs stays")
	require.NotContains(t, string(rebased.AppendJSON(nil)), "null")
}

// TestRebaseInsideConflict: nothing is asked about a member inside one that is a conflict already, whatever the answer.
func TestRebaseInsideConflict(t *testing.T) {
	base := SampleContact(t)
	base.MetaPublic = `{"a":{"x":1,"y":1},"vip":true}`
	theirs := base.Clone()
	theirs.MetaPublic = `{"vip":false}`
	p := MustParsePatch(t, []byte(`{"meta_public":{"a":{"x":1,"y":2},"vip":true}}`))
	for _, keep := range []bool{true, false} {
		asked := ""
		_, _, err := p.Rebase(base, theirs, func(c contact.Conflict) bool {
			asked += fmt.Sprintln(c.Pointer, c.Repeated)
			return keep
		})
		require.NoError(t, err)
		require.Equal(t, "/meta_public/a false\n/meta_public/vip true\n", asked)
	}
}
