package contracttest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

var aVersion = time.Date(2026, 5, 17, 8, 2, 45, 120004000, time.UTC)

// TestETag: a strong tag that each version has to itself.
func TestETag(t *testing.T) {
	require.Equal(t, `"2026-05-17T08:02:45.120004Z"`, contact.ETag(aVersion))
	berlin := time.FixedZone("", 7200)
	require.Equal(t, contact.ETag(aVersion), contact.ETag(aVersion.In(berlin)))
	require.NotEqual(t, contact.ETag(aVersion), contact.ETag(aVersion.Add(time.Microsecond)))
}

// TestConditions: which header fields let a write pass, and which let a read answer 304.
func TestConditions(t *testing.T) {
	const tag = `"2026-05-17T08:02:45.120004Z"`
	for _, tt := range []struct {
		ifMatch, ifNoneMatch, since string
		refused                     string // the header that forbids the write
		notModified                 bool
	}{
		{},
		{ifMatch: "*"},
		{ifMatch: " * "},
		{ifMatch: tag},
		{ifMatch: `"other",W/"weak",` + tag},
		{ifMatch: ` , "a,b" ,, ` + tag + "\t,"},
		{ifMatch: `"é\"` + `, ` + tag},
		{ifMatch: `W/` + tag, refused: "If-Match"}, // the strong comparison
		{ifMatch: `""`, refused: "If-Match"},
		{ifMatch: `"*"`, refused: "If-Match"},
		{ifMatch: `"2026-05-17T08:02:45.120005Z"`, refused: "If-Match"},
		{ifMatch: `2026-05-17T08:02:45.120004Z`, refused: "If-Match"}, // without quotes
		{ifMatch: tag + tag, refused: "If-Match"},
		{ifMatch: tag + ` "x"`, refused: "If-Match"},
		{ifMatch: `*, ` + tag, refused: "If-Match"},
		{ifMatch: tag + `, *`, refused: "If-Match"},
		{ifMatch: `w/"x", ` + tag, refused: "If-Match"},
		{ifMatch: `"a b", ` + tag, refused: "If-Match"},
		{ifMatch: `"x`, refused: "If-Match"},
		{ifMatch: `W/`, refused: "If-Match"},
		{ifMatch: `,`, refused: "If-Match"},

		{ifMatch: ` `, refused: "If-Match"}, // it was there

		{ifNoneMatch: `"other"`},
		{ifNoneMatch: " \t", refused: "If-None-Match"},
		{ifNoneMatch: "*", refused: "If-None-Match", notModified: true},
		{ifNoneMatch: tag, refused: "If-None-Match", notModified: true},
		{ifNoneMatch: `"other", W/` + tag, refused: "If-None-Match", notModified: true},
		{ifNoneMatch: `broken`, refused: "If-None-Match"},
		{ifMatch: tag, ifNoneMatch: tag, refused: "If-None-Match", notModified: true},

		{since: "Sun, 17 May 2026 08:02:46 GMT"},
		{since: "Sunday, 17-May-26 08:02:46 GMT"},
		{since: "Sun May 17 08:02:46 2026"},
		{since: "Sun, 17 May 2026 08:02:45 GMT", refused: "If-Unmodified-Since"},
		{since: "Sunday, 17-May-26 08:02:45 GMT", refused: "If-Unmodified-Since"},
		{since: "Sun May 17 08:02:45 2026", refused: "If-Unmodified-Since"},
		{since: "Thu May  7 08:02:45 2026", refused: "If-Unmodified-Since"},
		{since: "yesterday"}, // RFC 9110 §13.1.4: ignored
		{since: "2026-05-17T08:02:45Z"},
		{since: "Sun, 17 May 2026 08:02:45.0 GMT"},
		{since: "Sun, 17 May 2026 8:02:45 GMT"},
		{since: "sun, 17 may 2026 08:02:45 GMT"},
		{since: "Mon, 17 May 2026 08:02:45 GMT"}, // it was a Sunday
		{since: " Sun, 17 May 2026 08:02:45 GMT\t", refused: "If-Unmodified-Since"},
		{since: "Sat, 31 Dec 2016 23:59:60 GMT", refused: "If-Unmodified-Since"},
		{since: "Sat Dec 31 23:59:60 2016", refused: "If-Unmodified-Since"},
		{since: "Sun, 17 May 2026 08:02:60 GMT"},
		{since: "Mon, 01 Jan 0001 00:00:00 GMT", refused: "If-Unmodified-Since"},
		{since: "Sun, 17 May 2026 08:02:45 GMT", ifMatch: tag},
	} {
		t.Run(row.Name(tt.ifMatch), func(t *testing.T) {
			c := contact.ParseCondition(tt.ifMatch, tt.ifNoneMatch, tt.since)
			err := c.Check(aVersion)
			if tt.refused == "" {
				require.NoError(t, err, "%+v", tt)
			} else {
				errs, ok := err.(contact.Errors)
				require.True(t, ok, "%+v", tt)
				require.Len(t, errs, 1)
				require.Equal(t, tt.refused, errs[0].Header, "%+v", tt)
				require.Equal(t, contact.RulePrecondition, errs[0].Rule)
				require.Equal(t, http.StatusPreconditionFailed, errs.Status())
			}
			require.Equal(t, tt.notModified, c.NotModified(aVersion), "%+v", tt)
		})
	}
	require.NoError(t, contact.Condition{}.Check(aVersion))
	require.False(t, contact.Condition{}.NotModified(aVersion))
	at := aVersion.Truncate(time.Second)
	require.NoError(t, contact.ParseCondition("", "", at.Format(http.TimeFormat)).Check(at))

	const detail = "Send * or entity tags in double quotes, with commas between them."
	for _, c := range []contact.Condition{
		contact.ParseCondition("x", "", ""), contact.ParseCondition("", "x", ""), contact.ParseCondition(contact.ETag(aVersion), "x", ""),
	} {
		t.Run(row.Name(c), func(t *testing.T) {
			require.Equal(t, detail, c.Check(aVersion).(contact.Errors)[0].Detail)
			_, err := json.Marshal(contact.Update{Condition: c})
			require.Error(t, err, "it would come back as one that asks for nothing")
		})
	}
	usual := contact.NewError(contact.RulePrecondition, "").Detail
	for _, c := range []contact.Condition{
		contact.ParseCondition(`"x"`, "x", ""), contact.ParseCondition("", "x", "Sun, 06 Nov 1994 08:49:37 GMT"),
	} {
		t.Run(row.Name(c), func(t *testing.T) {
			require.Equal(t, usual, c.Check(aVersion).(contact.Errors)[0].Detail, "of the header that forbids it")
		})
	}
	text, err := json.Marshal(contact.Condition{})
	require.NoError(t, err)
	require.Equal(t, "{}", string(text))
}

// TestUpdateCondition: ParseUpdate hands the condition on.
func TestUpdateCondition(t *testing.T) {
	r := request()
	for i, set := range []func(){
		func() { r.IfMatch = `"x"` },
		func() { r.IfNoneMatch = `*` },
		func() { r.IfUnmodifiedSince = "Sun, 17 May 2026 08:02:45 GMT" },
	} {
		t.Run(row.Name(i), func(t *testing.T) {
			r = request()
			set()
			u, err := contact.ParseUpdate(r)
			require.NoError(t, err)
			require.Error(t, u.Condition.Check(aVersion))
		})
	}
}

// TestContentEncoding: a body in a coding is refused before it is taken for broken JSON.
func TestContentEncoding(t *testing.T) {
	for coding, accepted := range map[string]bool{
		"": true, "identity": true, " Identity\t": true, "gzip": false, "br": false, "x": false,
		"identity, gzip": false, "gzip, identity": false,
	} {
		t.Run(row.Name(coding), func(t *testing.T) {
			r := request()
			r.ContentEncoding = coding
			r.Body = []byte("\x1f\x8b")
			_, err := contact.ParseUpdate(r)
			errs := err.(contact.Errors)
			require.Equal(t, accepted, errs.Status() == http.StatusBadRequest, coding)
			if !accepted {
				require.Equal(t, http.StatusUnsupportedMediaType, errs.Status())
				require.Equal(t, "Content-Encoding", errs[0].Header)
			}
		})
	}
}

// TestConditionDetails: a client that loads the contact again, as it is told, does not go round for ever.
func TestConditionDetails(t *testing.T) {
	version := time.Date(2026, 5, 17, 8, 2, 45, 120004000, time.UTC)
	tag := contact.ETag(version)
	for _, tt := range []struct{ ifMatch, ifNoneMatch, key string }{
		{`"x"`, "", "precondition"},
		{contact.ETag(version.Add(1000)), "", "precondition"},
		{"W/" + tag, "", "precondition.altered"},
		{strings.TrimSuffix(tag, `"`) + `-gzip"`, "", "precondition.altered"},
		{`"x", W/` + tag, "", "precondition.altered"},
		{"x", "", "precondition.tags"},
		{"", "*", "precondition.exists"},
		{"", tag, "precondition"},
		{"", "W/" + tag, "precondition"},
	} {
		err := contact.ParseCondition(tt.ifMatch, tt.ifNoneMatch, "").Check(version)
		var errs contact.Errors
		require.ErrorAs(t, err, &errs)
		require.Len(t, errs, 1)
		require.Equal(t, tt.key, errs[0].MessageKey(), tt)
	}
}
