package contracttest

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

// TestUnknownMembers: what the next version of a service stored is there after this version has read, merged and written.
func TestUnknownMembers(t *testing.T) {
	const unknown = `{"language":"es","\u0074ags":[1, {"a" :null}],"":1e400}`
	const compact = contact.Object(`{"language":"es","\u0074ags":[1,{"a":null}],"":1e400}`)
	stored := `{"language":"es",` + strings.Replace(minimalText[1:len(minimalText)-1], `"type"`, ` "\u0074ags" : [1, {"a" :null}],"type"`, 1) + `, "":1e400 }`
	canonical := minimalText[:len(minimalText)-1] + "," + string(compact[1:])
	require.NoError(t, checkStored([]byte(stored)))

	for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
		t.Run(row.Name(r), func(t *testing.T) {
			c, err := r.ParseStored([]byte(stored))
			require.NoError(t, err)
			require.Equal(t, compact, c.UnknownMembers)
			require.Equal(t, canonical, string(c.AppendJSON(nil)))
			var read contact.Contact
			require.NoError(t, json.Unmarshal([]byte(stored), &read))
			require.Equal(t, *c, read)
			require.Equal(t, c, c.Clone())
			text, err := json.Marshal(c)
			require.NoError(t, err)
			require.Equal(t, canonical, string(text))

			merged, changed, err := contact.Merge(c, MustParsePatch(t, []byte(`{"city":"x"}`)), time.Time{})
			require.NoError(t, err)
			require.Equal(t, "city", changed.String())
			require.Equal(t, compact, merged.UnknownMembers)
		})
	}

	// Merge3 keeps what theirs has; a patch never has any.
	c := Minimal(t)
	c.UnknownMembers = contact.Object(unknown)
	merged, conflicts, err := contact.Merge3(Minimal(t), Minimal(t), c, nil)
	require.NoError(t, err)
	require.Empty(t, conflicts)
	require.Equal(t, c.UnknownMembers, merged.UnknownMembers)
	merged, _, err = contact.Merge3(c, c, Minimal(t), nil)
	require.NoError(t, err)
	require.Empty(t, merged.UnknownMembers)
	p, err := contact.Diff(c, Minimal(t))
	require.NoError(t, err)
	require.Equal(t, "{}", string(p.AppendJSON(nil)))
	p, err = contact.PatchOf(c, contact.FieldsOf(contact.FieldSMSVerified))
	require.NoError(t, err)
	require.Equal(t, `{"sms_verified":true}`, string(p.AppendJSON(nil)))

	// From outside they are errors, or skipped; repeated they are errors everywhere.
	_, err = contact.Parse([]byte(stored))
	require.Equal(t, []string{"unknown /language", "unknown /tags", "unknown /"}, faults(t, err))
	whole, err := contact.Options{IgnoreUnknown: true}.Parse([]byte(stored))
	require.NoError(t, err)
	require.Equal(t, Minimal(t), whole)
	_, err = contact.ParsePatch([]byte(`{"language":"es"}`))
	require.Equal(t, []string{"unknown /language"}, faults(t, err))
	for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
		t.Run(row.Name(r), func(t *testing.T) {
			twice := `{"x":1,"\u0078":{"y":1,"y":2},` + minimalText[1:]
			_, err = r.ParseStored([]byte(twice))
			require.Equal(t, []string{"duplicate /x", "duplicate /x/y"}, faults(t, err.(*contact.StoreError).Errors()))
		})
	}
}

// TestUnknownByHand: MarshalJSON refuses an Unknown that would not be read back as one.
func TestUnknownByHand(t *testing.T) {
	c := Minimal(t)
	for text, ok := range map[contact.Object]bool{
		``: true, `{}`: true, ` { "a" : 1 } `: true, `{"ID":1}`: true, `{"a":{"id":1}}`: true,
		`[]`: false, `{"id":1}`: false, `{"a":1,"\u0069d":1}`: false, `{"a":1,"a":1}`: false, `{"a":1`: false, `{"a":1}x`: false,
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			c.UnknownMembers = text
			written, err := c.MarshalJSON()
			if !ok {
				require.ErrorIs(t, err, contact.ErrText, "%s", text)
				require.Nil(t, written)
				return
			}
			require.NoError(t, err, "%s", text)
			again, err := contact.ParseStored(written)
			require.NoError(t, err)
			want, _ := text.MarshalJSON()
			have, _ := again.UnknownMembers.MarshalJSON()
			require.Equal(t, string(want), string(have))
		})
	}
}

// TestMaxDocument: a merged contact may be as large as the limit, and over it only if it did not grow.
func TestMaxDocument(t *testing.T) {
	for _, value := range []string{``, `x`, `\n`, `é\u0001`, strings.Repeat(`\"`, 500), strings.Repeat("ß", 500)} {
		t.Run(row.Name(value), func(t *testing.T) {
			body := []byte(`{"city":"` + value + `"}`)
			size := len(minimalText) + len(body) - len("{},") + len(",,")
			for most, ok := range map[int]bool{size: true, size - 1: false, -1: true} {
				r := contact.Options{MaxDocument: most}
				merged, changed, err := r.Merge(Minimal(t), MustParsePatch(t, body), time.Time{})
				sameAsSteps(t, r, []byte(minimalText), body, time.Time{})
				if ok {
					require.NoError(t, err)
					require.Len(t, merged.AppendJSON(nil), size)
					continue
				}
				require.Equal(t, []string{"size "}, faults(t, err))
				require.Equal(t, 422, err.(contact.Errors).Status())
				require.Equal(t, "Send shorter values: merged with what is stored, the contact is too large.", err.(contact.Errors)[0].Detail)
				require.Nil(t, merged)
				require.Zero(t, changed)
			}
		})
	}

	// What is over the limit already may change as long as it does not grow.
	small := contact.Options{MaxDocument: 10}
	for change, ok := range map[string]bool{
		`{"sms_verified":true}`: true, `{"city":null}`: true, `{"city":""}`: true, `{"city":"Bologna"}`: true, `{"city":"\u000bologn"}`: false,
		`{"city":"Chicago!"}`: false, `{"state":""}`: false, `{"state":"","city":null}`: true, `{"meta_public":{"a":1}}`: false, `{"completed_objective_keys":[""]}`: false,
	} {
		t.Run(row.Name(change), func(t *testing.T) {
			c := Minimal(t)
			c.City = pointer("Chicago")
			_, _, err := small.Merge(c, MustParsePatch(t, []byte(change)), time.Time{})
			require.Equal(t, ok, err == nil, "%s: %v", change, err)
			sameAsSteps(t, small, c.AppendJSON(nil), []byte(change), time.Time{})
		})
	}

	// By default patches cannot add up to more than two megabytes.
	c := Minimal(t)
	var err error
	for _, field := range []string{"address", "address2"} {
		t.Run(row.Name(field), func(t *testing.T) {
			if c, _, err = contact.Merge(c, MustParsePatch(t, []byte(`{"`+field+`":"`+strings.Repeat("x", 1<<20-100)+`"}`)), noon); field == "address" {
				require.NoError(t, err)
			}
		})
	}
	require.Equal(t, []string{"size "}, faults(t, err))
}

// TestVersionResolution: versions are compared and stamped at the precision of the store.
func TestVersionResolution(t *testing.T) {
	at := func(text string) time.Time {
		v, err := contact.ParseTimestamp(text)
		require.NoError(t, err)
		return v
	}
	for _, c := range []struct {
		step              time.Duration
		stored, now, want string
	}{
		{0, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:01.9999999Z", "2026-01-01T00:00:01.999999Z"},
		{0, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.1234561Z", "2026-01-01T00:00:00.123457Z"},
		{0, "2026-01-01T00:00:00.1234561Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123458Z"},
		{1, "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.12345679Z"},
		{1, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000005Z", "2026-01-01T00:00:00.000000005Z"},
		{time.Millisecond, "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.9999Z", "2026-01-01T00:00:00.999Z"},
		{time.Millisecond, "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.1239Z", "2026-01-01T00:00:00.124Z"},
		{time.Millisecond, "2026-01-01T00:00:00.1231Z", "2026-01-01T00:00:00.1239Z", "2026-01-01T00:00:00.125Z"},
		{time.Second, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.99Z", "2026-01-01T00:00:01Z"},
		{time.Second, "2026-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{time.Second, "0000-01-01T00:00:00.5Z", "0000-01-01T00:00:00Z", "0000-01-01T00:00:02Z"},
		{time.Second / 8, "2026-01-01T00:00:00.125Z", "2026-01-01T00:00:00.6Z", "2026-01-01T00:00:00.5Z"},
	} {
		t.Run(row.Name(c.stored), func(t *testing.T) {
			r := contact.Options{VersionResolution: c.step}
			existing := Minimal(t)
			existing.UpdatedAt = at(c.stored)
			merged, changed, err := r.Merge(existing, MustParsePatch(t, []byte(`{"city":"x"}`)), at(c.now))
			require.NoError(t, err)
			require.Equal(t, "city,updated_at", changed.String())
			require.Equal(t, at(c.want), merged.UpdatedAt, "%v", c)
			sameAsSteps(t, r, existing.AppendJSON(nil), []byte(`{"city":"x"}`), at(c.now))
		})
	}

	// The same version is the same step; another one within the millisecond was cut by its sender.
	const cut = "Send updated_at with all its digits, as it was read: it differs from the stored version only below the millisecond."
	for _, c := range []struct {
		step          time.Duration
		stored, seen  string
		stale, digits bool
	}{
		{0, "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456Z", false, false},
		{0, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z", true, true},
		{0, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.124Z", true, false},
		{0, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:01.123Z", true, false},
		{1, "2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456Z", true, true},
		{time.Millisecond, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.123Z", false, false},
		{time.Millisecond, "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.122Z", true, false},
		{time.Second, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.9Z", false, false},
		{time.Second, "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.9Z", true, false},
	} {
		t.Run(row.Name(c.stored), func(t *testing.T) {
			r := contact.Options{VersionResolution: c.step}
			existing := Minimal(t)
			existing.UpdatedAt = at(c.stored)
			body := []byte(`{"updated_at":"` + c.seen + `"}`)
			_, _, err := r.Merge(existing, MustParsePatch(t, body), noon)
			sameAsSteps(t, r, existing.AppendJSON(nil), body, noon)
			require.Equal(t, c.stale, err != nil, "%v", c)
			if c.stale {
				require.Equal(t, []string{"stale /updated_at"}, faults(t, err))
				require.Equal(t, 409, err.(contact.Errors).Status())
				require.Equal(t, c.digits, err.(contact.Errors)[0].Detail == cut, "%v", c)
			}
		})
	}

	// What does not divide a second is the program's fault, found at the first merge.
	for _, step := range []time.Duration{-1, -time.Second, 3, 7 * time.Microsecond, 2 * time.Second, time.Hour, time.Second - 1} {
		t.Run(row.Name(step), func(t *testing.T) {
			r := contact.Options{VersionResolution: step}
			_, _, err := r.Merge(Minimal(t), new(contact.Patch), time.Time{})
			require.ErrorContains(t, err, "a resolution that does not divide a second")
			got, changed, err := r.AppendMerge([]byte("x"), []byte(minimalText), []byte(`{}`), noon)
			require.ErrorContains(t, err, "a resolution that does not divide a second")
			require.Equal(t, "x", string(got))
			require.Zero(t, changed)
		})
	}
}

// TestStoredProperties: AppendMerge on documents of any version, with values that today's rules refuse among them.
func TestStoredProperties(t *testing.T) {
	random(t, func(t *testing.T, g *maker) {
		document, broken := olderDocument(g)
		body := g.document(g.patch(g.contact()))
		r := contact.Options{AllowStale: true}
		merged, changed, err := r.AppendMerge(nil, document, body, noon)
		if err == nil {
			p := MustParsePatch(t, body)
			keepsTheRest(t, document, merged, p, changed)
			again, changed, err := r.AppendMerge(nil, merged, body, noon)
			require.NoError(t, err)
			require.Zero(t, changed, "twice is once: %s\n%s", merged, body)
			require.Equal(t, string(merged), string(again))
		}

		// A patch that sets every broken field repairs the document.
		if broken.Has(contact.FieldMetaPublic) {
			return
		}
		repair, err := contact.PatchOf(SampleContact(t), broken)
		require.NoError(t, err)
		merged, _, err = r.AppendMerge(nil, document, repair.AppendJSON(nil), noon)
		require.NoError(t, err)
		require.NoError(t, checkStored(merged), "%s\n%s", document, merged)
	})
}

// olderDocument writes a contact of which some writable fields hold what they never may, and members of another version.
func olderDocument(g *maker) (document []byte, broken contact.FieldSet) {
	var doc strings.Builder
	doc.WriteString("{")
	separator := ""
	for _, m := range g.contact() {
		value := g.print(m.Value)
		f, _ := contact.FieldByName(m.Name)
		if contact.WritableFields.Has(f) && g.n(6) == 0 {
			w := wrong[f.Kind().String()]
			text := w[g.n(len(w))].text
			errs, _ := contact.Options{}.CheckField(f, []byte(text)).(contact.Errors)
			unfit := func(e contact.Error) bool {
				return e.Rule == contact.RuleDuplicate || e.Code != "validation_failed"
			}
			if errs != nil && !slices.ContainsFunc(errs, unfit) {
				value = text
				broken |= 1 << f
			}
		}
		doc.WriteString(separator + `"` + m.Name + `":` + value)
		separator = ","
		if g.n(8) == 0 {
			doc.WriteString(`,"next_` + m.Name + `" : [1.0, {}]`)
		}
	}
	return []byte(doc.String() + "}"), broken
}

// TestOneFieldLess: what a version of the table with one field less reads, merges and writes loses nothing. A field that
// it does not know stands for one: renamed on the way in, and back on the way out.
func TestOneFieldLess(t *testing.T) {
	rename := func(document []byte, from, to string) []byte {
		return []byte(strings.Replace(string(document), `"`+from+`":`, `"`+to+`":`, 1))
	}
	for f := range contact.WritableFields.All() {
		if contact.RequiredFields.Has(f) {
			continue
		}
		original := SampleContact(t)
		document := original.AppendJSON(nil)
		older := rename(document, f.String(), "next_"+f.String())
		c, err := contact.ParseStored(older)
		require.NoError(t, err)
		back, err := contact.ParseStored(rename(c.AppendJSON(nil), "next_"+f.String(), f.String()))
		require.NoError(t, err)
		require.Equal(t, string(document), string(back.AppendJSON(nil)), f)

		body := []byte(`{"sms_verified":false,"meta_public":{"a":1}}`)
		want, _, err := contact.AppendMerge(nil, document, body, noon)
		require.NoError(t, err)
		got, _, err := contact.AppendMerge(nil, older, body, noon)
		require.NoError(t, err)
		require.Equal(t, string(want), string(rename(got, "next_"+f.String(), f.String())), f)
	}
}

// TestNoLostUpdates: two writers on a store that cuts versions never overwrite each other unseen, whatever the clock and
// the order of their reads and writes, and no two successive versions are equal.
func TestNoLostUpdates(t *testing.T) {
	t.Parallel()
	n := rounds(100_000)
	for _, step := range []time.Duration{1, time.Microsecond, time.Millisecond, time.Second / 8, time.Second} {
		t.Run(row.Name(step), func(t *testing.T) {
			r := contact.Options{VersionResolution: step}
			dice := rand.New(rand.NewPCG(uint64(step), 13))
			stored, writes := Minimal(t), 0
			stored.UpdatedAt = noon
			clock := noon
			var seen [2]time.Time // the versions that the writers have read
			for range 2 * n {
				clock = clock.Add(time.Duration(dice.Int64N(int64(step)*3/2+1)) - step/2)
				w := dice.IntN(2)
				if dice.IntN(2) == 0 || seen[w].IsZero() {
					seen[w] = stored.UpdatedAt
					continue
				}
				fresh := seen[w].Equal(stored.UpdatedAt)
				var body contact.Contact
				body.UpdatedAt, body.City = seen[w], pointer(strconv.Itoa(writes))
				p, err := contact.PatchOf(&body, contact.FieldsOf(contact.FieldUpdatedAt, contact.FieldCity))
				require.NoError(t, err)
				merged, _, err := r.Merge(stored, p, clock)
				if !fresh {
					require.Error(t, err, "the other writer's update would be lost")
					seen[w] = time.Time{}
					continue
				}
				require.NoError(t, err)
				merged.UpdatedAt = merged.UpdatedAt.Truncate(step) // what the store keeps of it
				require.True(t, merged.UpdatedAt.After(stored.UpdatedAt))
				stored = merged
				writes++
			}
			require.Greater(t, writes, n/10)
		})
	}
}

// TestCheckFieldOfNothing: where there is no body the error does not speak of one.
func TestCheckFieldOfNothing(t *testing.T) {
	for _, text := range []string{"", " \n", "\ufeff1"} {
		t.Run(row.Name(text), func(t *testing.T) {
			err := contact.Options{}.CheckField(contact.FieldCity, []byte(text))
			require.Equal(t, []string{"syntax "}, faults(t, err))
			require.NotContains(t, err.(contact.Errors)[0].Detail, "body")
		})
	}
}

// TestOutOfRange: a date or a timestamp that does not exist is never written, and Merge makes no contact that has one.
func TestOutOfRange(t *testing.T) {
	require.Equal(t, "null", contact.Date{Year: 12345, Month: 1, Day: 1}.String())
	require.Equal(t, "null", contact.Date{Year: -5, Month: 1, Day: 1}.String())
	for name, spoil := range map[string]func(*contact.Contact){
		"birthdate":    func(c *contact.Contact) { c.Birthdate = &contact.Date{Year: 12345, Month: 1, Day: 1} },
		"inserted_at":  func(c *contact.Contact) { c.InsertedAt = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC) },
		"updated_at":   func(c *contact.Contact) { c.UpdatedAt = time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC) },
		"last_seen_at": func(c *contact.Contact) { c.LastSeenAt = pointer(time.Unix(1<<60, 0)) },
	} {
		t.Run(row.Name(name), func(t *testing.T) {
			c := SampleContact(t)
			spoil(c)
			require.Contains(t, string(c.AppendJSON(nil)), `"`+name+`":null`)
			_, err := c.MarshalJSON()
			require.ErrorIs(t, err, contact.ErrTime)
			merged, changed, err := contact.Merge(c, MustParsePatch(t, []byte(`{"city":"x"}`)), time.Time{})
			require.ErrorIs(t, err, contact.ErrTime, name)
			require.Nil(t, merged)
			require.Zero(t, changed)
		})
	}
}
