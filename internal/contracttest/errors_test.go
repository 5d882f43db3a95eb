package contracttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/internal/row"
)

// TestEnvelope compares whole envelopes, byte for byte: the form is part of the contract.
func TestEnvelope(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"field": {contact.CheckPatch([]byte(`{"sms_opted_in":"true"}`)),
			`{"errors":[{"code":"validation_failed","title":"Invalid type","detail":"Send true or false, without quotes.","source":{"pointer":"/sms_opted_in"},"meta":{"rule":"type"}}]}`},
		"suggestion": {contact.CheckPatch([]byte(`{"timezone":"america/chicago"}`)),
			`{"errors":[{"code":"validation_failed","title":"Unknown timezone","detail":"Send a name of the IANA time zone database, such as America/Chicago; UTC offsets and abbreviations are not accepted.","source":{"pointer":"/timezone"},"meta":{"rule":"timezone","suggestion":"America/Chicago"}}]}`},
		"syntax": {contact.CheckPatch([]byte(`{"city":}`)),
			`{"errors":[{"code":"malformed_json","title":"Malformed JSON","detail":"A JSON value must stand here: an object, an array, a string, a number, true, false or null.","source":{"pointer":""},"meta":{"rule":"syntax","offset":8}}]}`},
		"offset 0": {contact.CheckPatch(nil),
			`{"errors":[{"code":"malformed_json","title":"Malformed JSON","detail":"The body is empty: send a JSON object.","source":{"pointer":""},"meta":{"rule":"syntax","offset":0}}]}`},
		"size": {contact.Options{MaxBytes: 1}.CheckPatch([]byte(`{}`)),
			`{"errors":[{"code":"body_too_large","title":"Body too large","detail":"Send a body of at most 1 bytes.","source":{"pointer":""},"meta":{"rule":"size","limit":1}}]}`},
		"two": {contact.CheckPatch([]byte(`{"<b>\u2028&":1,"team_id":null}`)),
			`{"errors":[{"code":"validation_failed","title":"Field cannot be null","detail":"Send a value: this field is required and cannot be cleared.","source":{"pointer":"/team_id"},"meta":{"rule":"null"}},` +
				`{"code":"validation_failed","title":"Unknown field","detail":"Remove this member or correct its name: a contact has no such field.","source":{"pointer":"/\u003cb\u003e\u2028\u0026"},"meta":{"rule":"unknown"}}]}`},
		"scope": {updateError(contact.UpdateRequest{}),
			`{"errors":[{"code":"scope_missing","title":"Required scope not present","detail":"Use a token that has the required scope.","source":{"header":"Authorization"},"meta":{"rule":"scope","required_scope":"partner:contacts:write"}}]}`},
		"path": {updateError(contact.UpdateRequest{Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", PathID: "x", Body: []byte(`{}`)}),
			`{"errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a version 4 UUID, such as 919108f7-52d1-4320-9bac-f847db4148a8.","source":{"parameter":"id"},"meta":{"rule":"uuid"}}]}`},
		"none": {contact.Errors{}, `{"errors":[]}`},
		"everything": {contact.Errors{{Code: "c\"\\\b\f\n\r\t\x00\x1f\x7f", Rule: "a\xffb\xe2\x80", Detail: "\u2028\u2029\u2027é😀", Meta: contact.ErrorMeta{PointerTruncated: true, Suggestion: "<>&", RequestID: "1>"}}},
			`{"errors":[{"code":"c\"\\\b\f\n\r\t\u0000\u001f` + "\x7f" + `","title":"Invalid value","detail":"\u2028\u2029` + "\u2027é😀" + `","source":{"pointer":""},` +
				`"meta":{"rule":"a` + "\ufffdb\ufffd\ufffd" + `","suggestion":"\u003c\u003e\u0026","pointer_truncated":true,"request_id":"1\u003e"}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var errs contact.Errors
			require.True(t, errors.As(fmt.Errorf("wrapped: %w", c.err), &errs))
			require.Equal(t, c.want, string(errs.AppendJSON(nil)))
			require.Equal(t, "x"+c.want, string(errs.AppendJSON([]byte("x"))), "appended")
			marshalled, err := json.Marshal(c.err)
			require.NoError(t, err)
			require.Equal(t, c.want, string(marshalled), "json.Marshal")

			// And it is what encoding/json would write of such a document.
			var generic struct {
				Errors []struct {
					Code   string `json:"code"`
					Title  string `json:"title"`
					Detail string `json:"detail"`
					Source struct {
						Pointer   *string `json:"pointer,omitempty"`
						Parameter *string `json:"parameter,omitempty"`
						Header    *string `json:"header,omitempty"`
					} `json:"source"`
					Meta struct {
						Rule             string `json:"rule"`
						Suggestion       string `json:"suggestion,omitempty"`
						Offset           *int   `json:"offset,omitempty"`
						Limit            int    `json:"limit,omitempty"`
						RequiredScope    string `json:"required_scope,omitempty"`
						PointerTruncated bool   `json:"pointer_truncated,omitempty"`
						RequestID        string `json:"request_id,omitempty"`
					} `json:"meta"`
				} `json:"errors"`
			}
			require.NoError(t, json.Unmarshal(marshalled, &generic))
			again, err := json.Marshal(generic)
			require.NoError(t, err)
			require.Equal(t, c.want, string(again), "encoding/json")
			for i, e := range errs {
				one, err := json.Marshal(e)
				require.NoError(t, err)
				want, err := json.Marshal(generic.Errors[i])
				require.NoError(t, err)
				require.Equal(t, string(want), string(one), "one entry")
			}
		})
	}
}

func updateError(r contact.UpdateRequest) error {
	_, err := contact.ParseUpdate(r)
	return err
}

// TestErrorLines compares the errors as text, as they stand in a log.
func TestErrorLines(t *testing.T) {
	for want, err := range map[string]error{
		"contact: /city: Send a string in double quotes.":                                                              contact.CheckPatch([]byte(`{"city":1}`)),
		"contact: A string holds a control character: escape it, as in \\n. (at byte 9)":                               contact.CheckPatch([]byte("{\"city\":\"\n\"}")),
		"contact: Arrays and objects are nested too deeply here. (at byte 5)":                                          contact.Options{MaxDepth: 1}.CheckPatch([]byte(`{"x":[]}`)),
		"contact: Send a JSON object.":                                                                                 contact.CheckPatch([]byte(`[]`)),
		"contact: /…: Remove this member or correct its name: a contact has no such field. (did you mean name_first?)": contact.CheckPatch([]byte(`{"nam_first":1}`)),
		"contact: path parameter id: Send a version 4 UUID, such as 919108f7-52d1-4320-9bac-f847db4148a8.":             updateError(contact.UpdateRequest{Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", Body: []byte(`{}`)}),
		"contact: header Authorization: Use a token that has the required scope.":                                      updateError(contact.UpdateRequest{}),
		"contact: 2 errors: /id: Send a string that holds a version 4 UUID.; /type: Send the string \"contact\".":      contact.CheckPatch([]byte(`{"id":1,"type":1}`)),
		"contact: 5 errors: /…: d; /…: d; /…: d; /…: d; /…: d":                                                         many(5),
		"contact: 6 errors: /…: d; /…: d; /…: d; /…: d; /…: d; and 1 more":                                             many(6),
		"contact: 1234 errors: /…: d; /…: d; /…: d; /…: d; /…: d; and 1229 more":                                       many(1234),
		"contact: 0 errors: ": contact.Errors{},
		"contact: /meta_public/…: Send this member once: it came before in the same object.": contact.CheckPatch([]byte(`{"meta_public":{"0":{"maria@example.org":1,"maria@example.org":2}}}`)),
		"contact: /active_journey_ids/1: Send a string.":                                     contact.Errors{{Pointer: "/active_journey_ids/1", Detail: "Send a string."}},
		"contact: /completed_objective_keys/12/…: d":                                         contact.Errors{{Pointer: "/completed_objective_keys/12/a", Detail: "d"}},
		"contact: /city/…: d":                                                                contact.Errors{{Pointer: "/city/0", Detail: "d"}},
		"contact: /…: d":                                                                     contact.Errors{{Pointer: "no pointer", Detail: "d"}},
		"/…: d":                                                                              many(1)[0],
	} {
		t.Run(row.Name(want), func(t *testing.T) {
			require.EqualError(t, err, want)
		})
	}
}

func many(n int) contact.Errors {
	errs := make(contact.Errors, n)
	for i := range errs {
		errs[i] = contact.Error{Pointer: "/a", Detail: "d"}
	}
	return errs
}

// TestStatus: the first of 401, 413, 415, 400, 422, 409 and 412 that an error has.
func TestStatus(t *testing.T) {
	byStatus := map[int][]contact.Error{
		401: {{Code: "scope_missing"}},
		413: {{Code: "body_too_large"}},
		415: {{Code: "unsupported_media_type"}, {Code: "unsupported_media_type", Header: "Content-Type"}},
		400: {{Code: "malformed_json"}, {Code: "validation_failed", Parameter: "id"}, {Code: "validation_failed", Header: "Idempotency-Key"}},
		422: {{Code: "validation_failed"}, {Code: "validation_failed", Pointer: "/a"}, {Code: "a team's own"}, {}},
		409: {{Code: "stale_update"}, {Code: "stale_update", Pointer: "/updated_at"}},
		412: {{Code: "precondition_failed", Header: "If-Match"}},
	}
	order := []int{401, 413, 415, 400, 422, 409, 412}
	require.Len(t, byStatus, len(order))
	for i, status := range order {
		t.Run(row.Name(status), func(t *testing.T) {
			for _, e := range byStatus[status] {
				require.Equal(t, status, contact.Errors{e}.Status(), "%+v", e)
				for _, lesser := range order[i:] {
					for _, other := range byStatus[lesser] {
						require.Equal(t, status, contact.Errors{other, e}.Status(), "%+v %+v", other, e)
						require.Equal(t, status, contact.Errors{e, other, other}.Status(), "%+v %+v", e, other)
					}
				}
			}
		})
	}
	require.Equal(t, 422, contact.Errors{}.Status())
	require.Equal(t, 422, contact.Errors(nil).Status())
}

// TestErrorsByHand: errors made by hand are written as JSON all the same.
func TestErrorsByHand(t *testing.T) {
	text, err := json.Marshal(contact.Errors{{Rule: contact.RuleSyntax, Meta: contact.ErrorMeta{Offset: -12}}})
	require.NoError(t, err)
	require.Contains(t, string(text), `"offset":0`)
}

// TestErrorsAreValues: errors.Is finds a list in itself, and an entry in its list, also one that was read or translated.
func TestErrorsAreValues(t *testing.T) {
	gone := contact.NewServiceError(410, "gone", "Contact deleted", "Send the id of another contact.")
	body := []byte(`{"city":1,"timezone":"PST","x":2}`)
	first, second := contact.CheckPatch(body).(contact.Errors), contact.CheckPatch(body).(contact.Errors)
	first, second = append(first, gone), append(second, contact.NewServiceError(410, "gone", "Contact deleted", "Send the id of another contact."))
	wrapped := fmt.Errorf("patch: %w", first)
	require.ErrorIs(t, wrapped, first)
	require.ErrorIs(t, wrapped, second)
	require.ErrorIs(t, contact.Errors(nil), contact.Errors{})
	require.NotErrorIs(t, wrapped, second[1:])
	require.NotErrorIs(t, wrapped, contact.Errors{})
	require.NotErrorIs(t, wrapped, contact.ErrNil)
	for i, e := range second {
		require.ErrorIs(t, wrapped, e)
		require.True(t, e == first[i])
	}
	e := second[0]
	e.Pointer = "/state"
	require.NotErrorIs(t, wrapped, e)
	require.NotErrorIs(t, wrapped, contact.NewServiceError(404, "gone", "Contact deleted", "Send the id of another contact."))
	require.NotErrorIs(t, wrapped, contact.NewServiceError(410, "gone", "Deleted", "Send the id of another contact."))

	counts := map[error]int{}
	for _, err := range []contact.Errors{first, second} {
		for _, e := range err {
			counts[e]++
		}
	}
	require.Len(t, counts, len(first))

	var read contact.Errors
	require.NoError(t, json.Unmarshal(first.AppendJSON(nil), &read))
	require.ErrorIs(t, read, second[0])
	german := func(contact.Error) (title, detail string) { return "Falscher Typ", "Sende einen Text." }
	one, _ := first.Translate(german)
	other, _ := second.Translate(german)
	require.ErrorIs(t, one, other)
	require.NotErrorIs(t, one, first)

	var list contact.Errors
	require.ErrorAs(t, wrapped, &list)
	require.Equal(t, first, list)
	var entry contact.Error
	require.ErrorAs(t, wrapped, &entry)
	require.Equal(t, first[0], entry)
}

// TestMessagesOrder: the keys come in the order of their importance, with the faults of JSON at the end.
func TestMessagesOrder(t *testing.T) {
	var rules []contact.Rule
	for _, e := range contact.Messages() {
		if len(rules) == 0 || rules[len(rules)-1] != e.Rule {
			rules = append(rules, e.Rule)
		}
	}
	order := func(rule contact.Rule) int { return slices.Index(rules, rule) }
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(rules))), len(rules), "each rule in one place")
	require.Equal(t, []contact.Rule{contact.RuleDepth, contact.RuleSyntax}, rules[len(rules)-2:])
	groups := [][]contact.Rule{
		{contact.RuleRequired, contact.RuleNull, contact.RuleType, contact.RuleEnum, contact.RuleDate, contact.RuleTimezone, contact.RuleTimestamp, contact.RuleUUID, contact.RuleMeta},
		{contact.RuleStale, contact.RuleImmutable, contact.RuleMismatch, contact.RulePrecondition},
		{contact.RuleSize, contact.RuleTruncated},
		{contact.RuleUnknown, contact.RuleDuplicate, contact.RuleScope, contact.RuleMediaType, contact.RuleIdempotencyKey},
	}
	before := -1
	for _, group := range groups {
		last := before
		for _, rule := range group {
			require.Greater(t, order(rule), before, rule)
			last = max(last, order(rule))
		}
		before = last
	}
}
