package contact_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/schema"
)

// TestReviewed holds what a review found.
func TestReviewed(t *testing.T) {
	// A comma before the first member is no JSON.
	for _, body := range []string{`{,"type":"contact"}`, `{, "type":"contact"}`, `{,"team_id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`, `{,"id":1}`, `{,}`} {
		require.Equal(t, schema.CheckPatch([]byte(body)).(contact.Errors)[0].Meta, contact.CheckPatch([]byte(body)).(contact.Errors)[0].Meta)
		require.Equal(t, []string{"syntax "}, faults(t, contact.CheckPatch([]byte(body))), body)
		require.Equal(t, []string{"syntax "}, faults(t, contact.Check([]byte(body))), body)
	}

	// Nor is a member without a comma, after whatever.
	for _, member := range []string{`"x":1`, `"type":"contact"`, `"team_id":1`, `"meta_public":{}`, `"city":"a"`} {
		body := []byte(`{` + member + `"state":"a value of more than thirty characters"}`)
		for _, r := range []contact.Options{{}, {IgnoreUnknown: true}} {
			require.Equal(t, []string{"syntax "}, faults(t, r.CheckPatch(body)), "%s", body)
		}
	}

	// What a contact keeps stands side by side, wherever its arrays stand in the body.
	for n := range 9 {
		ids := strings.TrimSuffix(strings.Repeat(`"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9",`, n), ",")
		keys := strings.TrimSuffix(strings.Repeat(`"key",`, n), ",")
		body := `{"unique_id":"u","active_journey_ids":[` + ids + `],"completed_objective_keys":[` + keys + `],"name_first":"Ana","city":"Oak Park","state":"IL"}`
		p := mustParsePatch(t, []byte(body))
		require.Equal(t, `{"unique_id":"u","name_first":"Ana","city":"Oak Park","state":"IL","active_journey_ids":[`+ids+`],"completed_objective_keys":[`+keys+`]}`, string(p.AppendJSON(nil)))
	}

	// A patch is written whole wherever it stands.
	p, err := contact.ParsePatch([]byte(`{"city":"Oak Park"}`))
	require.NoError(t, err)
	text, err := json.Marshal(struct{ P contact.Patch }{*p})
	require.NoError(t, err)
	require.Equal(t, `{"P":{"city":"Oak Park"}}`, string(text))

	// A field mask has as many errors as a body.
	_, err = contact.ParseFieldSet(strings.Repeat(",", 1<<20))
	require.Len(t, err, 101)
	require.Equal(t, contact.RuleTruncated, err.(contact.Errors)[100].Rule)

	// What small patches have put together can be read again.
	c := minimal(t)
	for _, field := range []string{"address", "email"} {
		p, err := contact.ParsePatch([]byte(`{"` + field + `":"` + strings.Repeat("x", 1<<20-100) + `"}`))
		require.NoError(t, err)
		c, _, err = contact.Merge(c, p, time.Time{})
		require.NoError(t, err)
	}
	again, err := contact.ParseStored(c.AppendJSON(nil))
	require.NoError(t, err)
	require.Equal(t, c.AppendJSON(nil), again.AppendJSON(nil))

	// Long names cost no more where members conflict.
	side := func(v int) *contact.Contact {
		c := minimal(t)
		var members []string
		for i := range 2000 {
			members = append(members, fmt.Sprintf(`"%d":%d`, i, v))
		}
		c.MetaPublic = contact.Object(`{"` + strings.Repeat("n", 100_000) + `":{` + strings.Join(members, ",") + `}}`)
		return c
	}
	_, conflicts, err := contact.Merge3(side(0), side(1), side(2))
	require.NoError(t, err)
	require.Len(t, conflicts, 2000)
	require.Equal(t, "/meta_public", conflicts[0].Pointer)

	// Errors made by hand are written as JSON all the same.
	text, err = json.Marshal(contact.Errors{{Rule: contact.RuleSyntax, Meta: contact.ErrorMeta{Offset: -12}}})
	require.NoError(t, err)
	require.Contains(t, string(text), `"offset":0`)
	_, _, err = contact.Options{CheckMeta: func(contact.Object) contact.Errors { return contact.Errors{{Pointer: "x", Rule: "own"}} }}.
		Merge(minimal(t), mustParsePatch(t, []byte(`{"meta_public":{"a":1}}`)), time.Time{})
	require.Equal(t, []string{"own /meta_public"}, faults(t, err))
	require.NotEmpty(t, err.(contact.Errors)[0].Detail)
}

// TestRuleIndex proves that every rule finds its own texts.
func TestRuleIndex(t *testing.T) {
	require.Len(t, contact.RulesWithTexts(), 22)
	require.Equal(t, "Invalid value", contact.Error{Rule: "x"}.Title())
}
