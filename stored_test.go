package contact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// TestUnknownMembers: what the next version of a service stored is there after this version has read, merged and written.
func TestUnknownMembers(t *testing.T) {
	const unknown = `{"language":"es","\u0074ags":[1, {"a" :null}],"":1e400}`
	const compact = contact.Object(`{"language":"es","\u0074ags":[1,{"a":null}],"":1e400}`)
	stored := `{"language":"es",` + strings.Replace(minimalText[1:len(minimalText)-1], `"type"`, ` "\u0074ags" : [1, {"a" :null}],"type"`, 1) + `, "":1e400 }`
	canonical := minimalText[:len(minimalText)-1] + "," + string(compact[1:])
	require.NoError(t, contact.CheckStored([]byte(stored)))

	for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
		c, err := r.ParseStored([]byte(stored))
		require.NoError(t, err)
		require.Equal(t, compact, c.Unknown)
		require.Equal(t, canonical, string(c.AppendJSON(nil)))
		var read contact.Contact
		require.NoError(t, json.Unmarshal([]byte(stored), &read))
		require.Equal(t, *c, read)
		require.Equal(t, c, c.Clone())
		text, err := json.Marshal(c)
		require.NoError(t, err)
		require.Equal(t, canonical, string(text))

		merged, changed, err := contact.Merge(c, mustParsePatch(t, []byte(`{"city":"x"}`)), time.Time{})
		require.NoError(t, err)
		require.Equal(t, "city", changed.String())
		require.Equal(t, compact, merged.Unknown)
	}

	// Merge3 keeps what theirs has; a patch never has any.
	c := minimal(t)
	c.Unknown = contact.Object(unknown)
	merged, conflicts, err := contact.Merge3(minimal(t), minimal(t), c)
	require.NoError(t, err)
	require.Empty(t, conflicts)
	require.Equal(t, c.Unknown, merged.Unknown)
	merged, _, err = contact.Merge3(c, c, minimal(t))
	require.NoError(t, err)
	require.Empty(t, merged.Unknown)
	p, err := contact.Diff(c, minimal(t))
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
	require.Equal(t, minimal(t), whole)
	_, err = contact.ParsePatch([]byte(`{"language":"es"}`))
	require.Equal(t, []string{"unknown /language"}, faults(t, err))
	for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
		twice := `{"x":1,"\u0078":{"y":1,"y":2},` + minimalText[1:]
		_, err = r.ParseStored([]byte(twice))
		require.Equal(t, []string{"duplicate /x", "duplicate /x/y"}, faults(t, err.(*contact.StoreError).Errors()))
		require.Equal(t, err, r.CheckStored([]byte(twice)))
	}
}

// TestUnknownByHand: MarshalJSON refuses an Unknown that would not be read back as one.
func TestUnknownByHand(t *testing.T) {
	c := minimal(t)
	for text, ok := range map[contact.Object]bool{
		``: true, `{}`: true, ` { "a" : 1 } `: true, `{"ID":1}`: true, `{"a":{"id":1}}`: true,
		`[]`: false, `{"id":1}`: false, `{"a":1,"\u0069d":1}`: false, `{"a":1,"a":1}`: false, `{"a":1`: false, `{"a":1}x`: false,
	} {
		c.Unknown = text
		written, err := c.MarshalJSON()
		if !ok {
			require.ErrorIs(t, err, contact.ErrObject, "%s", text)
			require.Nil(t, written)
			continue
		}
		require.NoError(t, err, "%s", text)
		again, err := contact.ParseStored(written)
		require.NoError(t, err)
		want, _ := text.MarshalJSON()
		have, _ := again.Unknown.MarshalJSON()
		require.Equal(t, string(want), string(have))
	}
}

// TestMaxDocument: a merged contact may be as large as the limit, and over it only if it did not grow.
func TestMaxDocument(t *testing.T) {
	for _, value := range []string{``, `x`, `\n`, `é\u0001`, strings.Repeat(`\"`, 500), strings.Repeat("ß", 500)} {
		body := []byte(`{"city":"` + value + `"}`)
		size := len(minimalText) + len(body) - len("{},") + len(",,")
		for most, ok := range map[int]bool{size: true, size - 1: false, -1: true} {
			r := contact.Options{MaxDocument: most}
			merged, changed, err := r.Merge(minimal(t), mustParsePatch(t, body), time.Time{})
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
	}

	// What is over the limit already may change as long as it does not grow.
	small := contact.Options{MaxDocument: 10}
	for change, ok := range map[string]bool{
		`{"sms_verified":true}`: true, `{"city":null}`: true, `{"city":""}`: true, `{"city":"Bologna"}`: true, `{"city":"\u000bologn"}`: false,
		`{"city":"Chicago!"}`: false, `{"state":""}`: false, `{"state":"","city":null}`: true, `{"meta_public":{"a":1}}`: false, `{"completed_objective_keys":[""]}`: false,
	} {
		c := minimal(t)
		c.City = pointer("Chicago")
		_, _, err := small.Merge(c, mustParsePatch(t, []byte(change)), time.Time{})
		require.Equal(t, ok, err == nil, "%s: %v", change, err)
		sameAsSteps(t, small, c.AppendJSON(nil), []byte(change), time.Time{})
	}

	// By default patches cannot add up to more than two megabytes.
	c := minimal(t)
	var err error
	for _, field := range []string{"address", "address2"} {
		if c, _, err = contact.Merge(c, mustParsePatch(t, []byte(`{"`+field+`":"`+strings.Repeat("x", 1<<20-100)+`"}`)), noon); field == "address" {
			require.NoError(t, err)
		}
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
		r := contact.Options{VersionResolution: c.step}
		existing := minimal(t)
		existing.UpdatedAt = at(c.stored)
		merged, changed, err := r.Merge(existing, mustParsePatch(t, []byte(`{"city":"x"}`)), at(c.now))
		require.NoError(t, err)
		require.Equal(t, "city,updated_at", changed.String())
		require.Equal(t, at(c.want), merged.UpdatedAt, "%v", c)
		sameAsSteps(t, r, existing.AppendJSON(nil), []byte(`{"city":"x"}`), at(c.now))
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
		r := contact.Options{VersionResolution: c.step}
		existing := minimal(t)
		existing.UpdatedAt = at(c.stored)
		body := []byte(`{"updated_at":"` + c.seen + `"}`)
		_, _, err := r.Merge(existing, mustParsePatch(t, body), noon)
		sameAsSteps(t, r, existing.AppendJSON(nil), body, noon)
		require.Equal(t, c.stale, err != nil, "%v", c)
		if c.stale {
			require.Equal(t, []string{"stale /updated_at"}, faults(t, err))
			require.Equal(t, 409, err.(contact.Errors).Status())
			require.Equal(t, c.digits, err.(contact.Errors)[0].Detail == cut, "%v", c)
		}
	}

	// What does not divide a second is the program's fault, found at the first merge.
	for _, step := range []time.Duration{-1, -time.Second, 3, 7 * time.Microsecond, 2 * time.Second, time.Hour, time.Second - 1} {
		r := contact.Options{VersionResolution: step}
		_, _, err := r.Merge(minimal(t), new(contact.Patch), time.Time{})
		require.ErrorIs(t, err, contact.ErrResolution)
		got, changed, err := r.AppendMerge([]byte("x"), []byte(minimalText), []byte(`{}`), noon)
		require.ErrorIs(t, err, contact.ErrResolution)
		require.Equal(t, "x", string(got))
		require.Zero(t, changed)
	}
}
