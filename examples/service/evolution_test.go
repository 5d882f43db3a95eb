package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumentsOfOtherVersions: what an earlier version stored and today's rules refuse blocks no
// other field and can be repaired, and what a later version stored stays.
func TestDocumentsOfOtherVersions(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		s := open()
		c := sampleStore(t, s)
		url, _ := serve(t, s)
		document := string(c.AppendJSON(nil))
		birthdate := document[strings.Index(document, `"birthdate":`):]
		birthdate = birthdate[:strings.IndexByte(birthdate, ',')]
		document = strings.Replace(document, birthdate, `"birthdate":""`, 1)
		document = strings.TrimSuffix(document, "}") + `,"loyalty":{"tier":"gold","points":12345678901234567890}}`
		_, err := s.db.Exec(`UPDATE contacts SET body = $1 WHERE id = $2`, document, sampleID)
		require.NoError(t, err)

		for _, step := range [][2]string{
			{`{"city":"Rome"}`, `"birthdate":""`},
			{`{"birthdate":"2000-02-29"}`, `"birthdate":"2000-02-29"`},
			{`{"birthdate":null}`, `"loyalty"`},
		} {
			resp, body := request(t, "PATCH", url+samplePath, writeToken, step[0])
			require.Equal(t, 200, resp.StatusCode, body)
			require.True(t, json.Valid([]byte(body)))
			require.Contains(t, body, step[1])
			require.Contains(t, body, `"loyalty":{"tier":"gold","points":12345678901234567890}`)
			_, again := request(t, "GET", url+samplePath, readToken, "")
			require.Equal(t, body, again)
		}
	})
}
