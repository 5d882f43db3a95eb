package contracttest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/tree"
)

func TestParseProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) { checkParse(t, g) })
}

// checkParse: a contact and a patch are read as they were meant, and writing is the inverse of
// reading.
func checkParse(t *testing.T, g *maker) {
	doc := g.contact()
	c := mustParse(t, g.document(doc))
	text := c.AppendJSON(nil)
	require.Equal(t, doc, decodeObject(t, text), "the contact as it was meant, in the order of the fields")
	again := mustParse(t, text)
	require.Equal(t, c, again, "the contact read back")
	require.Equal(t, string(text), string(again.AppendJSON(nil)))
	marshalled, err := json.Marshal(c)
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, marshalled))
	require.True(t, tree.Same(doc, decode(t, compact.Bytes())), "the contact through json.Marshal")
	clone := c.Clone()
	require.Equal(t, c, clone)

	patch := g.patch(doc)
	p := MustParsePatch(t, g.document(patch))
	ptext := p.AppendJSON(nil)
	require.True(t, tree.Same(patch, decode(t, ptext)), "the patch as it was meant")
	pagain := MustParsePatch(t, ptext)
	require.Equal(t, p, pagain, "the patch read back")
	require.Equal(t, string(ptext), string(pagain.AppendJSON(nil)))
	var names, cleared []string
	for f := contact.FieldID; f <= lastField; f++ {
		if v := patch.Get(f.String()); v != tree.Absent {
			names = append(names, f.String())
			if v == nil {
				cleared = append(cleared, f.String())
			}
		}
	}
	require.Equal(t, strings.Join(names, ","), p.Fields().String())
	require.Equal(t, strings.Join(cleared, ","), clearedBy(p).String())
}

func TestMergeProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		doc := g.contact()
		checkMerge(t, g.document(doc), g.document(g.patch(doc)), g.time())
	})
}

func TestDiffProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		from := g.contact()
		checkDiff(t, g.document(from), g.document(g.edit(from)))
	})
}

func TestMerge3Properties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		base := g.contact()
		checkMerge3(t, g.document(base), g.document(g.edit(base)), g.document(g.edit(base)))
	})
}

func TestPatchOfProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		doc := g.contact()
		c := mustParse(t, g.document(doc))
		var fields contact.FieldSet
		for range g.n(12) {
			fields |= contact.FieldsOf(g.field())
		}
		again, err := contact.ParseFieldSet(fields.String())
		require.NoError(t, err)
		require.Equal(t, fields, again)

		p, err := contact.PatchOf(c, fields)
		require.NoError(t, err)
		require.Equal(t, fields, p.Fields())
		require.Equal(t, p, MustParsePatch(t, p.AppendJSON(nil)))
		patch := tree.Object{}
		for f := range fields.All() {
			v := doc.Get(f.String())
			require.Equal(t, v == tree.Absent, clearedBy(p).Has(f), "%s", f)
			if v == tree.Absent {
				v = nil
			}
			patch = patch.With(f.String(), v)
		}
		require.Equal(t, patch, decodeObject(t, p.AppendJSON(nil)))

		// The fields are carried over to another state of the contact.
		other := mustParse(t, g.document(g.edit(doc)))
		merged, _, err := contact.Options{AllowStale: true}.Merge(other, p, time.Time{})
		require.NoError(t, err)
		got := decodeObject(t, merged.AppendJSON(nil))
		for f := range (fields & contact.WritableFields &^ contact.FieldsOf(contact.FieldMetaPublic)).All() {
			require.True(t, tree.Same(doc.Get(f.String()), got.Get(f.String())), "%s", f)
		}
	})
}

// TestEveryFieldAndRule walks the exported field table: one body per field and violation, each with
// exactly that fault.
func TestEveryFieldAndRule(t *testing.T) {
	g := newMaker(1)
	whole := g.contact()
	for f := contact.FieldID; f <= lastField; f++ {
		if whole.Get(f.String()) == tree.Absent {
			whole = whole.With(f.String(), g.value(f))
		}
	}
	// body prints the whole contact, or a patch of one field, with a text in place of the field's
	// value.
	body := func(f contact.Field, text string) (contactBody, patchBody []byte) {
		contactBody = []byte("{")
		for _, m := range whole {
			value := text
			if m.Name != f.String() {
				value = g.print(m.Value)
			}
			if value != "" {
				if len(contactBody) > 1 {
					contactBody = append(contactBody, ',')
				}
				contactBody = append(contactBody, g.print(m.Name)+":"+value...)
			}
		}
		return append(contactBody, '}'), []byte("{" + g.print(f.String()) + ":" + text + "}")
	}
	check := func(t *testing.T, f contact.Field, text string, inPatch, inContact, inStored []string) {
		contactBody, patchBody := body(f, text)
		_, err := contact.ParsePatch(patchBody)
		require.Equal(t, inPatch, faults(t, err), "ParsePatch of %s", patchBody)
		require.Equal(t, inPatch, faults(t, contact.CheckPatch(patchBody)), "CheckPatch of %s", patchBody)
		require.Equal(t, inPatch, faults(t, contact.Options{}.CheckField(f, []byte(text))), "CheckField of %s", text)
		_, err = contact.Parse(contactBody)
		require.Equal(t, inContact, faults(t, err), "Parse of %s", contactBody)
		require.Equal(t, inContact, faults(t, contact.Check(contactBody)), "Check of %s", contactBody)
		require.Equal(t, inContact, faults(t, contact.Options{RequireComplete: true}.CheckPatch(contactBody)), "complete %s", contactBody)
		_, err = contact.ParseStored(contactBody)
		require.Equal(t, inStored, faults(t, err), "ParseStored of %s", contactBody)
	}
	require.Len(t, whole, int(lastField)+1)
	for f := contact.FieldID; f <= lastField; f++ {
		t.Run(f.String(), func(t *testing.T) {
			pointer := "/" + f.String()
			check(t, f, g.print(whole.Get(f.String())), nil, nil, nil)

			isNull := []string{"null " + pointer}
			if contact.RequiredFields.Has(f) {
				check(t, f, "null", isNull, isNull, isNull)
				missing, _ := body(f, "")
				want := []string{"required " + pointer}
				require.Equal(t, want, faults(t, contact.Check(missing)))
				_, err := contact.ParseStored(missing)
				require.Equal(t, want, faults(t, err))
			} else {
				check(t, f, "null", nil, isNull, nil)
				missing, _ := body(f, "")
				require.NoError(t, contact.Check(missing))
			}

			violations := wrong[f.Kind().String()]
			require.NotEmpty(t, violations, "violations of kind %s", f.Kind().String())
			for _, w := range violations {
				var want []string
				for _, fault := range w.faults {
					rule, rest, _ := strings.Cut(fault, " ")
					want = append(want, rule+" "+pointer+rest)
				}
				stored := want
				listed := f.Kind() == contact.KindTimezone || f.Kind() == contact.KindEnum
				if listed && !slices.Equal(want, []string{"type " + pointer}) {
					stored = nil // which timezones and strings there are changes while they are stored
				}
				check(t, f, w.text, want, want, stored)
			}

			value := g.print(whole.Get(f.String()))
			twice := []byte("{" + g.print(f.String()) + ":" + value + "," + g.print(f.String()) + ":" + value + "}")
			require.Equal(t, []string{"duplicate " + pointer}, faults(t, contact.CheckPatch(twice)))
			for _, name := range []string{strings.ToUpper(f.String()), f.String() + " ", " " + f.String(), f.String() + "x", f.String()[1:]} {
				if _, ok := contact.FieldByName(name); !ok {
					require.Equal(t, []string{"unknown /" + name}, faults(t, contact.CheckPatch([]byte("{"+g.print(name)+":null}"))))
				}
			}
		})
	}
}

// TestMannersDoNotMatter: what is wrong with known fields, and what is read of them where nothing
// is, is the same in every order of the members and however they are written.
func TestMannersDoNotMatter(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		var members [][2]string
		faulty, whole := g.n(3) == 0, g.n(2) == 0
		for f := contact.FieldID; f <= lastField; f++ {
			value := g.print(g.value(f))
			switch w := wrong[f.Kind().String()]; {
			case faulty && g.n(4) == 0:
				value = w[g.n(len(w))].text
			case !whole && g.n(2) == 0:
				continue
			case !contact.RequiredFields.Has(f) && g.n(4) == 0:
				if value = "null"; whole {
					continue
				}
			}
			members = append(members, [2]string{f.String(), value})
		}
		var want [2]error
		var wantContact *contact.Contact
		var wantPatch *contact.Patch
		for i := range 2 * len(manners) {
			var texts []string
			for j, m := range members {
				how := i
				if i >= len(manners) {
					how = j + g.n(2)
				}
				texts = append(texts, manners[how%len(manners)](m[0], m[1]))
			}
			body := []byte("{" + strings.Join(texts, ",") + "}")
			got := [2]error{contact.Check(body), contact.CheckPatch(body)}
			c, err := contact.Parse(body)
			require.Equal(t, got[0], err, "Parse and Check of %s", body)
			p, err := contact.ParsePatch(body)
			require.Equal(t, got[1], err, "ParsePatch and CheckPatch of %s", body)
			if i == 0 {
				want, wantContact, wantPatch = got, c, p
			}
			require.True(t, reflect.DeepEqual(want, got), "%s", body)
			require.Equal(t, wantContact, c, "%s", body)
			require.Equal(t, wantPatch, p, "%s", body)
			for i := len(members) - 1; i > 0; i-- {
				j := g.n(i + 1)
				members[i], members[j] = members[j], members[i]
			}
		}
	})
}
