package contracttest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// TestConcurrent: contacts, patches and documents are shared by goroutines that only read them, as services do with a
// cache, and every function gives what it gives alone. The race detector looks on.
func TestConcurrent(t *testing.T) {
	c := mustParse(t, fullBody(t))
	document := c.AppendJSON(nil)
	body := []byte(`{"city":"Oslo","birthdate":null,"meta_public":{"a":{"b":[1,{"c":null}]},"source":null},"sms_opted_in":true}`)
	wrong := []byte(`{"city":1,"meta_public":{"a":1,"a":2},"x":0,"timezone":"america/chicago","active_journey_ids":["x"]}`)
	p, now := MustParsePatch(t, body), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	edited, _, err := contact.Merge(c, p, now)
	require.NoError(t, err)
	refused := contact.CheckPatch(wrong).(contact.Errors)

	work := map[string]func() []any{
		"Parse":         func() []any { c, err := contact.Parse(document); return []any{string(c.AppendJSON(nil)), err} },
		"ParsePatch":    func() []any { p, err := contact.ParsePatch(body); return []any{string(p.AppendJSON(nil)), err} },
		"CheckPatch":    func() []any { return []any{contact.CheckPatch(body), contact.CheckPatch(wrong)} },
		"CheckField":    func() []any { return []any{contact.Options{}.CheckField(contact.FieldTimezone, []byte(`"UTC+1"`))} },
		"StoredVersion": func() []any { v, err := contact.StoredVersion(document); return []any{v, err} },
		"Merge": func() []any {
			merged, changed, err := contact.Merge(c, p, now)
			return []any{string(merged.AppendJSON(nil)), changed, err}
		},
		"AppendMerge": func() []any {
			merged, changed, err := contact.AppendMerge(nil, document, body, now)
			_, none, refused := contact.AppendMerge(nil, document, wrong, now)
			return []any{string(merged), changed, err, none, refused}
		},
		"Diff": func() []any { p, err := contact.Diff(c, edited); return []any{string(p.AppendJSON(nil)), err} },
		"Merge3": func() []any {
			m, conflicts, err := contact.Merge3(c, edited, c.Clone(), nil)
			return []any{fmt.Sprint(m), conflicts, err}
		},
		"Then":   func() []any { q, err := must(p.At(now)).Then(p); return []any{fmt.Sprint(q), err} },
		"Errors": func() []any { return []any{refused.Error(), string(refused.AppendJSON(nil)), refused.Status()} },
		"Fields": func() []any {
			value, ok := c.Get(contact.FieldMetaPublic)
			return []any{value, ok, c.Validate(), fmt.Sprint(c, p), changesOf(c, edited)}
		},
	}
	want := make(map[string]string)
	for name, f := range work {
		want[name] = fmt.Sprintf("%q", f())
	}
	var group sync.WaitGroup
	for range 8 {
		for name, f := range work {
			group.Go(func() {
				for range 50 {
					if got := fmt.Sprintf("%q", f()); got != want[name] {
						t.Errorf("%s: want %s, got %s", name, want[name], got)
						return
					}
				}
			})
		}
	}
	group.Wait()
	require.Equal(t, string(document), string(c.AppendJSON(nil)))
}
