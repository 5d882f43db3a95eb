package contracttest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/row"
)

const (
	pathID = "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"
	aKey   = "919108f7-52d1-4320-9bac-f847db4148a8"
)

// request returns a request that is in order.
func request() contact.UpdateRequest {
	return contact.UpdateRequest{
		PathID: pathID, Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", IdempotencyKey: aKey, Body: []byte(`{"city":"Oak Park"}`),
	}
}

// TestScopes: a scope is surface, resource and action, each exact or *, and everything else grants nothing.
func TestScopes(t *testing.T) {
	granted := [][]string{
		{"partner:contacts:write"}, {"*:contacts:write"}, {"partner:*:write"}, {"partner:contacts:*"}, {"*:*:write"}, {"*:contacts:*"}, {"partner:*:*"}, {"*:*:*"},
		{"partner:contacts:read", "partner:contacts:write"}, {"", "::", "*", "partner:*:write"}, {"partner:contacts:write", "\xff"},
		{"partner:contacts:write", "partner:contacts:write"},
	}
	refused := [][]string{
		nil, {}, {""}, {"", ""}, {":"}, {"::"}, {":::"}, {"*"}, {"*:*"}, {"*:*:*:*"}, {"**:*:*"}, {"*:**:*"}, {"*:*:**"},
		{"partner"}, {"partner:contacts"}, {"partner:contacts:"}, {"partner::write"}, {":contacts:write"}, {"partner:contacts:write:"}, {":partner:contacts:write"},
		{"partner:contacts:write:now"}, {"partner:contacts:*:*"}, {"partner:*"}, {"*:write"},
		{"partner:contacts:read"}, {"partner:tags:write"}, {"admin:contacts:write"}, {"partner:contacts:writ"}, {"partner:contacts:writes"}, {"partner:contact:write"},
		{"Partner:contacts:write"}, {"PARTNER:CONTACTS:WRITE"}, {"partner:contacts:Write"},
		{" partner:contacts:write"}, {"partner:contacts:write "}, {"partner: contacts:write"}, {"partner:contacts:write\n"}, {"partner:contacts:write\x00"},
		{"partner:contacts:w*"}, {"partner:*s:write"}, {"part*:contacts:write"}, {"?:contacts:write"}, {"partner:.*:write"}, {"partner:%2a:write"},
		{"partner:contacts:write,partner:tags:read"}, {"partner:contacts:write partner:tags:read"}, {"partner/contacts/write"}, {"partner.contacts.write"}, {"partner：contacts：write"},
		{"pаrtner:contacts:write"}, {"ｐartner:contacts:write"}, {"＊:＊:＊"}, {"!partner:contacts:write"}, {"-*:*:*"}, {"\xff:contacts:write"}, {"partner:contacts:write\xff"},
		{"partner", "contacts", "write"}, {"partner:contacts", ":write"}, {strings.Repeat("*:", 1000) + "*"}, {strings.Repeat("partner:contacts:write", 2)},
	}
	require.GreaterOrEqual(t, len(granted)+len(refused), 40)
	for _, scopes := range granted {
		t.Run(row.Name(scopes), func(t *testing.T) {
			r := request()
			r.Scopes = scopes
			_, err := contact.ParseUpdate(r)
			require.NoError(t, err, "%q", scopes)
		})
	}
	for _, scopes := range refused {
		t.Run(row.Name(scopes), func(t *testing.T) {
			r := request()
			r.Scopes = scopes
			u, err := contact.ParseUpdate(r)
			require.Nil(t, u)
			errs, ok := err.(contact.Errors)
			require.True(t, ok, "%q", scopes)
			require.Equal(t, contact.Errors{{
				Code: "scope_missing", Rule: contact.RuleScope, Header: "Authorization", Detail: "Use a token that has the required scope.",
				Meta: contact.ErrorMeta{RequiredScope: "partner:contacts:write"},
			}}, errs, "%q", scopes)
			require.Equal(t, 401, errs.Status())
		})
	}
}

// TestUpdateStages: each stage hides those after it, and shows all that is wrong in itself.
func TestUpdateStages(t *testing.T) {
	r := contact.UpdateRequest{PathID: "x", Scopes: []string{"x"}, ContentType: "text/plain", IdempotencyKey: "x", Body: []byte(`{"city":1,"zzz":1}`)}
	stage := func(status int, want ...string) {
		u, err := contact.ParseUpdate(r)
		require.Nil(t, u)
		var got []string
		for _, e := range err.(contact.Errors) {
			got = append(got, string(e.Rule)+" "+e.Header+e.Parameter+e.Pointer)
		}
		require.Equal(t, want, got)
		require.Equal(t, status, err.(contact.Errors).Status())
	}
	stage(401, "scope Authorization")
	r.Scopes = []string{"partner:*:write"}
	stage(415, "media_type Content-Type")
	r.ContentEncoding = "gzip"
	stage(415, "media_type Content-Type", "media_type Content-Encoding")
	r.ContentEncoding = ""
	r.ContentType = "application/merge-patch+json"
	stage(400, "key Idempotency-Key", "uuid id", "type /city", "unknown /zzz")
	r.IdempotencyKey = ""
	stage(400, "uuid id", "type /city", "unknown /zzz")
	r.PathID = pathID
	stage(422, "type /city", "unknown /zzz")
	r.Body = []byte(`{"zzz":1,"city":1,"id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`)
	stage(422, "mismatch /id", "type /city", "unknown /zzz")
	r.Body = []byte(`{"id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"}`)
	stage(422, "mismatch /id")
	r.Body = []byte(`[`)
	stage(400, "syntax ")
	r.Body = []byte(`{"id":"` + strings.ToUpper(pathID) + `","city":null}`)
	u, err := contact.ParseUpdate(r)
	require.NoError(t, err)
	require.Equal(t, pathID, u.ID.String())
	require.Empty(t, u.IdempotencyKey)
	require.Equal(t, "id,city", u.Patch.Fields().String())
	require.Equal(t, "city", clearedBy(u.Patch).String())

	// More faults of the body than are listed do not push out those of the request.
	r.Body, r.PathID, r.IdempotencyKey = []byte(`{"city":1,"state":1,"county":1}`), "x", "x"
	_, err = contact.Options{MaxErrors: 1}.ParseUpdate(r)
	require.Equal(t, []string{"key ", "uuid ", "type /city", "truncated "}, faults(t, err))
}

// TestUpdateAccepted: what is accepted is handed on as it was sent.
func TestUpdateAccepted(t *testing.T) {
	r := request()
	r.IdempotencyKey = strings.ToUpper(aKey)
	u, err := contact.ParseUpdate(r)
	require.NoError(t, err)
	require.Equal(t, strings.ToUpper(aKey), u.IdempotencyKey)
	require.Equal(t, `{"city":"Oak Park"}`, string(u.Patch.AppendJSON(nil)))

	r.IdempotencyKey = "a-key"
	_, err = contact.ParseUpdate(r)
	require.Equal(t, "Send a version 4 UUID as Idempotency-Key, or leave the header out.", err.(contact.Errors)[0].Detail)
	u, err = contact.Options{AnyIdempotencyKey: true}.ParseUpdate(r)
	require.NoError(t, err)
	require.Equal(t, "a-key", u.IdempotencyKey)
	r.IdempotencyKey = "a key"
	_, err = contact.Options{AnyIdempotencyKey: true}.ParseUpdate(r)
	require.Equal(t, "Send 1 to 128 visible ASCII characters as Idempotency-Key, or leave the header out.", err.(contact.Errors)[0].Detail)

	// The rules hold for the body, too.
	r = request()
	r.Body = []byte(`{"zzz":1,"city":null}`)
	u, err = contact.Options{IgnoreUnknown: true}.ParseUpdate(r)
	require.NoError(t, err)
	require.Equal(t, `{"city":null}`, string(u.Patch.AppendJSON(nil)))
	_, err = contact.Options{RequireComplete: true}.ParseUpdate(r)
	require.Len(t, err, contact.RequiredFields.Len()+2, "zzz and the null")
	r.Body = []byte(minimalText)
	_, err = contact.Options{RequireComplete: true}.ParseUpdate(r)
	require.NoError(t, err)
}

// TestUpdateAppendMerge: an update that was read once merges as its body does, and its condition counts after its faults.
func TestUpdateAppendMerge(t *testing.T) {
	stored := contacttest.Sample()
	before, err := contact.StoredVersion(stored)
	require.NoError(t, err)
	now := before.Add(time.Hour)
	r := request()
	for _, body := range []string{`{}`, `{"city":"Oak Park"}`, `{"phone_home":null,"meta_public":{"score":null,"x":[1]}}`, `{"last_seen_at":"2026-01-01T00:00:00.123456789Z","active_journey_ids":[]}`} {
		t.Run(row.Name(body), func(t *testing.T) {
			r.Body = []byte(body)
			u, err := contact.ParseUpdate(r)
			require.NoError(t, err)
			want, changed, err := contact.AppendMerge([]byte("x"), stored, r.Body, now)
			require.NoError(t, err)
			version, err := contact.StoredVersion(want[1:])
			require.NoError(t, err)
			for range 2 { // the update is not used up
				got, set, from, to, err := u.AppendMerge([]byte("x"), stored, now)
				require.NoError(t, err)
				require.Equal(t, string(want), string(got))
				require.Equal(t, changed, set)
				require.Equal(t, []time.Time{before, version}, []time.Time{from, to})
			}
			require.Equal(t, body, string(u.Patch.AppendJSON(nil)))
		})
	}

	r.IfMatch, r.Body = `"x"`, []byte(`{"inserted_at":"2020-01-01T00:00:00Z"}`)
	u, err := contact.ParseUpdate(r)
	require.NoError(t, err)
	refused := func(want string) {
		got, set, from, to, err := u.AppendMerge([]byte("x"), stored, now)
		require.Equal(t, []string{want}, faults(t, err))
		require.Equal(t, "x", string(got))
		require.Zero(t, set)
		require.Zero(t, from)
		require.Zero(t, to)
	}
	refused("immutable /inserted_at")
	r.Body = []byte(`{"city":"Oak Park"}`)
	u, err = contact.ParseUpdate(r)
	require.NoError(t, err)
	refused("precondition ")
	var broken *contact.StoreError
	_, _, _, _, err = u.AppendMerge(nil, []byte(`{}`), now)
	require.ErrorAs(t, err, &broken)
}

// TestTimestampResolution: a value that the store would round is cut before it is compared.
func TestTimestampResolution(t *testing.T) {
	stored, now := contacttest.Sample(), time.Now()
	o := contact.Options{TimestampResolution: time.Microsecond}
	set, changed, err := o.AppendMerge(nil, stored, []byte(`{"last_seen_at":"2026-01-01T00:00:00.123456789Z"}`), now)
	require.NoError(t, err)
	require.True(t, changed.Has(contact.FieldLastSeenAt))
	require.Contains(t, string(set), `"last_seen_at":"2026-01-01T00:00:00.123456Z"`)
	_, changed, err = o.AppendMerge(nil, set, []byte(`{"last_seen_at":"2026-01-01T00:00:00.123456999Z"}`), now)
	require.NoError(t, err)
	require.Zero(t, changed)
	for _, wrong := range []time.Duration{-1, 3, time.Minute} {
		t.Run(row.Name(wrong), func(t *testing.T) {
			o.TimestampResolution = wrong
			_, _, err = o.AppendMerge(nil, stored, []byte(`{}`), now)
			require.ErrorContains(t, err, "a resolution that does not divide a second")
		})
	}
}

// TestQuotedKey: the draft of Idempotency-Key has quotes around a key, many clients have none.
func TestQuotedKey(t *testing.T) {
	for _, o := range []contact.Options{{}, {AnyIdempotencyKey: true}} {
		t.Run(row.Name(o), func(t *testing.T) {
			r := request()
			r.IdempotencyKey = `"` + aKey + `"`
			u, err := o.ParseUpdate(r)
			require.NoError(t, err)
			require.Equal(t, aKey, u.IdempotencyKey)
			for _, wrong := range []string{`""`, "\"\x01\"", `"a b"`} {
				r.IdempotencyKey = wrong
				_, err = o.ParseUpdate(r)
				require.Equal(t, []string{"key "}, faults(t, err))
			}
		})
	}
}
