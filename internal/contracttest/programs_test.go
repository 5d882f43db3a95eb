package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/internal/limits"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/internal/row"
)

// private returns a contact and a patch, and what of them no log may hold.
func private(t *testing.T) (*contact.Contact, *contact.Patch, []string) {
	t.Helper()
	c := SampleContact(t)
	c.MetaPublic = `{"secret-name":"secret-value"}`
	c.CompletedObjectiveKeys = []string{"secret-key"}
	p := MustParsePatch(t, []byte(`{"email":"secret@example.org","birthdate":"1987-06-05",
		"meta_public":{"secret-name":"secret-value"},"completed_objective_keys":["secret-key"]}`))
	return c, p, []string{"secret", "1987", "Okafor", *c.Email, *c.PhoneMobile, c.Birthdate.String()}
}

// holders returns a value of every type of the package that can hold what is in c and p.
func holders(t *testing.T, c *contact.Contact, p *contact.Patch) []any {
	t.Helper()
	theirs := c.Clone()
	theirs.MetaPublic, theirs.Birthdate = `{"secret-name":"secret-2"}`, nil
	base := c.Clone()
	base.MetaPublic, base.Birthdate = `{}`, &contact.Date{Year: 1, Month: 2, Day: 3}
	_, conflicts, err := contact.Merge3(base, c, theirs, nil)
	require.NoError(t, err)
	require.Len(t, conflicts, 2)
	values := []any{
		*c, *p, conflicts[0], conflicts[1], changesOf(nil, c)[0],
		contact.Update{ID: c.ID, IdempotencyKey: "secret", Patch: p},
		contact.UpdateRequest{PathID: "secret", ContentType: "secret", IdempotencyKey: "secret", Body: p.AppendJSON(nil)},
		contact.CheckPatch([]byte(`{"secret":1,"city":2,"meta_public":{"secret":1,"secret":2}}`)),
		*contact.NewPatch().Set(contact.FieldCity, "secret"), contact.ParseCondition(`"secret"`, `W/"secret"`, ""),
	}
	var stored *contact.StoreError
	require.ErrorAs(t, checkStored([]byte(`{"secret":1,"city":2,"meta_public":{"secret":1,"secret":2}}`)), &stored)
	values = append(values, *stored)
	for _, change := range changesOf(theirs, c) {
		values = append(values, change, change.Redacted())
	}
	for _, e := range values[7].(contact.Errors) {
		values = append(values, e)
	}
	for i := range len(values) {
		pointer := reflect.New(reflect.TypeOf(values[i]))
		pointer.Elem().Set(reflect.ValueOf(values[i]))
		values = append(values, pointer.Interface())
	}
	return append(values, contact.Update{}, &contact.Update{}, contact.Conflict{}, contact.Change{})
}

// TestPrintsNoPersonalData prints what holds data of a person with every verb and flag, on its own
// and inside other values. Left out are p of what is no pointer and w, which is for Errorf alone: fmt
// asks no method of the value then, and go vet refuses both.
func TestPrintsNoPersonalData(t *testing.T) {
	c, p, secrets := private(t)
	type holder struct {
		C contact.Contact
		P *contact.Patch
		E error
		V any
	}
	values := []any{[]*contact.Contact{c}, []contact.Contact{*c}, map[string]contact.Patch{"p": *p}, changesOf(nil, c)}
	for _, v := range holders(t, c, p) {
		values = append(values, v, holder{*c, p, contact.CheckPatch([]byte(`{"secret":1}`)), v})
	}
	for _, flags := range []string{"", "+", "#", "-", " ", "0", "+#", "20", ".3", "#20.3"} {
		t.Run(row.Name(flags), func(t *testing.T) {
			for verb := 'A'; verb <= 'z'; verb++ {
				for _, v := range values {
					if verb == 'w' || verb == 'p' && reflect.TypeOf(v).Kind() != reflect.Pointer {
						continue
					}
					text := fmt.Sprintf("%"+flags+string(verb), v)
					for _, secret := range secrets {
						if strings.Contains(text, secret) { // faster than to require it a hundred thousand times
							require.NotContains(t, text, secret, "%%%s%c of %T", flags, verb, v)
						}
					}
				}
			}
		})
	}
	require.Equal(t, "contact "+c.ID.String(), fmt.Sprintf("%#v", c))
	require.Equal(t, "patch of email,birthdate,meta_public,completed_objective_keys", fmt.Sprint(p))
	errs := contact.CheckPatch([]byte(`{"secret":1}`))
	require.Equal(t, errs.Error(), fmt.Sprintf("%v", errs))
	require.Equal(t, errs.Error(), fmt.Sprintf("%d", errs))
	require.Equal(t, strconv.Quote(errs.Error()), fmt.Sprintf("%q", errs))
}

// TestLogsNoPersonalData logs everything that the library returns, as text and as JSON.
func TestLogsNoPersonalData(t *testing.T) {
	c, p, secrets := private(t)
	var out bytes.Buffer
	// The time of a record may look like a secret.
	timeless := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, timeless), slog.NewJSONHandler(&out, timeless)} {
		log := slog.New(handler)
		for _, v := range holders(t, c, p) {
			log.Info("x", "value", v, slog.Group("group", "value", v))
		}
		for _, e := range contact.CheckPatch([]byte(`{"active_journey_ids":{"secret":1,"secret":2},"completed_objective_keys":{"secret":1,"secret":2}}`)).(contact.Errors) {
			log.Info("x", "error", e, "errors", contact.Errors{e})
		}
		log.Info("x", "errors", updateError(contact.UpdateRequest{Scopes: []string{contacthttp.ScopeUpdate}}))
		refused := updateError(contact.UpdateRequest{
			Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", PathID: "secret", Body: []byte("secret"),
		})
		log.Info("x", "errors", refused, "first", refused.(contact.Errors)[0])
		log.Info("x", "error", updateError(contact.UpdateRequest{Scopes: []string{contacthttp.ScopeUpdate}}).(contact.Errors)[0])
	}
	for _, secret := range secrets {
		require.NotContains(t, out.String(), secret)
	}
	for _, text := range []string{
		c.ID.String(), "duplicate /meta_public/…", "[media_type header Content-Type]", "uuid path parameter id",
		"value.field=birthdate value.op=add value.pointer=/birthdate", "value.field=meta_public value.pointer=/meta_public/…",
		`"value":"update request of`, "first.rule=uuid first.parameter=id", "error.rule=media_type error.header=Content-Type",
		`"error":{"rule":"media_type","header":"Content-Type"}`,
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			require.Contains(t, out.String(), text)
		})
	}
}

// TestFieldSetsStandByName: a number would change its meaning with the table.
func TestFieldSetsStandByName(t *testing.T) {
	for f := range contact.AllFields.All() {
		text, err := json.Marshal(f)
		require.NoError(t, err)
		require.Equal(t, `"`+f.String()+`"`, string(text))
		var again contact.Field
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, f, again)
	}
	text, err := json.Marshal(map[string]any{"changed": contact.WritableFields})
	require.NoError(t, err)
	require.Equal(t, `{"changed":"`+contact.WritableFields.String()+`"}`, string(text))

	set, f := contact.ConsentFields, contact.FieldCity
	require.Error(t, json.Unmarshal([]byte(`"city,x"`), &set))
	require.Error(t, json.Unmarshal([]byte(`"city,state"`), &f))
	require.Error(t, json.Unmarshal([]byte(`""`), &f))
	require.Error(t, json.Unmarshal([]byte(`"x"`), &f))
	require.Equal(t, contact.ConsentFields, set)
	require.Equal(t, contact.FieldCity, f)
	_, err = contact.Field(200).MarshalText()
	require.Error(t, err)
	_, err = contact.FieldSet(1 << 60).MarshalText()
	require.Error(t, err)
	all, err := contact.ParseFieldSet("*")
	require.NoError(t, err)
	require.Equal(t, contact.AllFields, all)
}

// TestTags holds the json tags, which other libraries make a schema from, to the table of fields.
func TestTags(t *testing.T) {
	tags := make(map[string]reflect.StructField)
	for _, field := range reflect.VisibleFields(reflect.TypeFor[contact.Contact]()) {
		if tag := field.Tag.Get("json"); tag != "-" {
			tags[tag] = field
		}
	}
	var c contact.Contact
	for f := range contact.AllFields.All() {
		tag := f.String()
		if !contact.RequiredFields.Has(f) {
			tag += ",omitempty"
		}
		if f == contact.FieldType {
			require.NotContains(t, tags, tag)
			require.Nil(t, c.Ptr(f))
			continue
		}
		require.Contains(t, tags, tag)
		delete(tags, tag)
	}
	require.Empty(t, tags)
}

// TestGet reads every field of a full and of an empty contact, and builds the patch again from
// it.
func TestGet(t *testing.T) {
	full, err := contact.Parse(fullBody(t))
	require.NoError(t, err)
	built := contact.NewPatch()
	for f := range contact.AllFields.All() {
		value, ok := full.Get(f)
		require.True(t, ok, f)
		built.Set(f, value)
		_, ok = new(contact.Contact).Get(f)
		require.Equal(t, contact.RequiredFields.Has(f), ok, f)
	}
	p, err := built.Patch()
	require.NoError(t, err)
	want, err := contact.PatchOf(full, contact.AllFields)
	require.NoError(t, err)
	require.Equal(t, string(want.AppendJSON(nil)), string(p.AppendJSON(nil)))
	for f := range contact.AllFields.All() {
		have, ok := p.Get(f)
		require.True(t, ok)
		value, _ := full.Get(f)
		require.Equal(t, value, have, f)
	}
	_, ok := full.Get(99)
	require.False(t, ok)
	require.Nil(t, full.Ptr(99))
	_, ok = p.Get(99)
	require.False(t, ok)
}

// fullBody is a contact that has every field.
func fullBody(t *testing.T) []byte {
	t.Helper()
	c := mustParse(t, contacttest.Sample())
	require.NoError(t, c.Validate())
	return c.AppendJSON(nil)
}

// TestValidate: what Check of the document would mend or miss is refused.
func TestValidate(t *testing.T) {
	newer := SampleContact(t)
	newer.UnknownMembers = `{"language":"no"}`
	require.NoError(t, newer.Validate())
	require.ErrorIs(t, (*contact.Contact)(nil).Validate(), contact.ErrNil)
	broken := "\xff"
	for want, change := range map[string]func(*contact.Contact){
		"type /city":                       func(c *contact.Contact) { c.City = &broken },
		"type /completed_objective_keys":   func(c *contact.Contact) { c.CompletedObjectiveKeys = []string{broken} },
		"type /meta_public":                func(c *contact.Contact) { c.MetaPublic = "[]" },
		"date /birthdate":                  func(c *contact.Contact) { c.Birthdate = &contact.Date{} },
		"timestamp /updated_at":            func(c *contact.Contact) { c.UpdatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"uuid /team_id":                    func(c *contact.Contact) { c.TeamID = contact.ID{} },
		"timezone /timezone":               func(c *contact.Contact) { zone := "PST"; c.Timezone = &zone },
		"uuid /active_journey_ids/0":       func(c *contact.Contact) { c.ActiveJourneyIDs = []contact.ID{{}} },
		"nothing wrong with a long string": func(c *contact.Contact) { long := strings.Repeat("x", 2<<20); c.City = &long },
	} {
		t.Run(row.Name(want), func(t *testing.T) {
			c := SampleContact(t)
			change(c)
			if err := c.Validate(); strings.HasPrefix(want, "nothing") {
				require.NoError(t, err)
			} else {
				require.Equal(t, []string{want}, faults(t, err))
			}
		})
	}

	// All of it at once, in the order of the fields, whether or not JSON can carry the value.
	wrong, zone := SampleContact(t), "PST"
	wrong.ID, wrong.City, wrong.Birthdate, wrong.Timezone = contact.ID{}, &broken, &contact.Date{Year: 2023, Month: 2, Day: 30}, &zone
	wrong.UpdatedAt, wrong.ActiveJourneyIDs = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), []contact.ID{{}}
	require.Equal(t, []string{"uuid /id", "type /city", "date /birthdate", "timezone /timezone", "timestamp /updated_at",
		"uuid /active_journey_ids/0"}, faults(t, wrong.Validate()))
	wrong.ActiveJourneyIDs = make([]contact.ID, 1000)
	all := faults(t, wrong.Validate())
	require.Len(t, all, limits.MaxErrors+1)
	require.Equal(t, "truncated ", all[limits.MaxErrors])
	require.Equal(t, "uuid /active_journey_ids/94", all[limits.MaxErrors-1])
	for n := 90; n < 110; n++ {
		wrong := SampleContact(t)
		wrong.InsertedAt, wrong.ActiveJourneyIDs = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), make([]contact.ID, n)
		require.Len(t, faults(t, wrong.Validate()), min(n+1, limits.MaxErrors+1), n)
	}
}

// TestUnknownMadeInGo: where its members are put behind the fields, the seam is JSON however it is written.
func TestUnknownMadeInGo(t *testing.T) {
	for unknown, want := range map[contact.Object]string{
		"": "", "{}": "", "{ }": "", " {\n}": "", ` {"u": [1, 2] }`: `,"u":[1,2]`, `{"u":1}`: `,"u":1`, "{ [": "",
	} {
		t.Run(row.Name(unknown), func(t *testing.T) {
			c := SampleContact(t)
			bare := strings.TrimSuffix(string(c.AppendJSON(nil)), "}")
			c.UnknownMembers = unknown
			text := string(c.AppendJSON(nil))
			require.Equal(t, bare+want+"}", text, "%q", unknown)
			require.True(t, json.Valid([]byte(text)))
		})
	}
}

// TestBuilder: what is wrong is collected, and the last call for a field counts.
func TestBuilder(t *testing.T) {
	text := func(b *contact.PatchBuilder) string {
		p, err := b.Patch()
		require.NoError(t, err)
		return string(p.AppendJSON(nil))
	}
	require.Equal(t, `{}`, text(contact.NewPatch()))
	require.Equal(t, `{"city":null}`, text(contact.NewPatch().Set(contact.FieldCity, "\xff").Clear(contact.FieldCity)))
	require.Equal(t, `{"city":"a"}`, text(contact.NewPatch().Clear(contact.FieldCity).Set(contact.FieldCity, "a")))
	require.Equal(t, `{"type":"contact"}`, text(contact.NewPatch().Set(contact.FieldType, "contact")))
	require.Equal(t, `{"sms_opted_in":true,"meta_public":{"a":1},"active_journey_ids":[],"completed_objective_keys":["k"]}`,
		text(contact.NewPatch().SetText(contact.FieldSMSOptedIn, "true").SetText(contact.FieldMetaPublic, ` {"a": 1}`).
			SetText(contact.FieldActiveJourneyIDs, "[]").SetText(contact.FieldCompletedObjectiveKeys, `["k"]`)))

	_, err := contact.NewPatch().
		SetText(contact.FieldSMSOptedIn, "yes").
		SetText(contact.FieldEmailOptedIn, "null").
		SetText(contact.FieldCity, "\xff").
		SetText(contact.FieldLastSeenAt, "now").
		SetText(contact.FieldMetaPublic, "{").
		SetText(contact.FieldActiveJourneyIDs, `["x"]`).
		Set(contact.FieldType, "person").
		Clear(contact.FieldEmailVerified).
		Patch()
	require.Equal(t, []string{
		"enum /type", "type /city", "type /sms_opted_in", "null /email_verified", "type /email_opted_in",
		"syntax /meta_public", "timestamp /last_seen_at", "uuid /active_journey_ids/0",
	}, faults(t, err))
	_, err = contact.NewPatch().Set(contact.FieldMetaPublic, contact.Object(`[]`)).Patch()
	require.Equal(t, []string{"type /meta_public"}, faults(t, err))
}

// TestBuilderMergesMeta: whatever the calls are, meta_public goes on where the one before stopped, and what is wrong with
// one of them is not forgotten for the next.
func TestBuilderMergesMeta(t *testing.T) {
	const f = contact.FieldMetaPublic
	calls := map[string]func(*contact.PatchBuilder, string) *contact.PatchBuilder{
		"Set":     func(b *contact.PatchBuilder, s string) *contact.PatchBuilder { return b.Set(f, contact.Object(s)) },
		"SetText": func(b *contact.PatchBuilder, s string) *contact.PatchBuilder { return b.SetText(f, s) },
	}
	for first, one := range calls {
		t.Run(row.Name(first), func(t *testing.T) {
			for second, two := range calls {
				p, err := two(one(contact.NewPatch(), `{"a":{"b":1}}`), `{"a":{"c":null},"d":2}`).Patch()
				require.NoError(t, err)
				require.Equal(t, `{"meta_public":{"a":{"b":1,"c":null},"d":2}}`, string(p.AppendJSON(nil)), "%s, %s", first, second)

				_, err = two(one(contact.NewPatch(), `{"a":null}`), `{"a":{}}`).Patch()
				require.Equal(t, []string{"meta /meta_public/a"}, faults(t, err), "%s, %s", first, second)

				_, err = two(one(two(contact.NewPatch(), `{"a":1}`), `{`), `{"b":2}`).Patch()
				rule := "type"
				if first == "SetText" {
					rule = "syntax" // of a text
				}
				require.Equal(t, []string{rule + " /meta_public"}, faults(t, err), "%s, %s", first, second)
			}
		})
	}
	// However the objects are written.
	values := []string{`{}`, `{"a":1,"b":2}`, `{"a":{"x":1}}`, `{"a":{"y":null},"c":[1,{"d":null}]}`, `{"b":null}`, `{"a":"} {"}`}
	spelled := strings.NewReplacer(`{`, "{ ", `}`, "\n}", `:`, "\t: ", `,`, " ,")
	for _, first := range values {
		t.Run(row.Name(first), func(t *testing.T) {
			for _, then := range values {
				want, wantErr := MustParsePatch(t, []byte(`{"meta_public":`+first+`}`)).Then(MustParsePatch(t, []byte(`{"meta_public":`+then+`}`)))
				for _, one := range calls {
					for _, two := range calls {
						firstText, thenText := first, then
						if !strings.Contains(first+then, "} {") {
							firstText, thenText = spelled.Replace(first), " "+spelled.Replace(then)
						}
						got, err := two(one(contact.NewPatch(), firstText), thenText).Patch()
						require.Equal(t, wantErr == nil, err == nil, "%s %s: %v", firstText, thenText, err)
						if err == nil {
							require.Equal(t, string(want.AppendJSON(nil)), string(got.AppendJSON(nil)))
						}
					}
				}
			}
		})
	}
	for text, want := range map[string]string{
		" {\"a\":1,}": "A member name in double quotes must stand here.", "": "The value is empty: send a JSON value.",
		"{\u201ca\u201d:1}": "A member name in double quotes must stand here.", "[]": "Send a JSON object.",
	} {
		t.Run(row.Name(text), func(t *testing.T) {
			_, err := contact.NewPatch().SetText(f, text).Patch()
			require.Len(t, err, 1)
			require.Equal(t, want, err.(contact.Errors)[0].Detail)
			at, ok := contact.FieldByName(strings.TrimPrefix(err.(contact.Errors)[0].Pointer, "/"))
			require.True(t, ok)
			require.Equal(t, f, at)
		})
	}

	_, err := contact.NewPatch().Clear(f).Set(contact.FieldMetaPublic, contact.Object(`{}`)).Patch()
	require.Equal(t, []string{"null /meta_public"}, faults(t, err))
}

// TestBuilderBlamesTheProgram: what no client could have sent is no Errors, which a handler would answer with 422.
func TestBuilderBlamesTheProgram(t *testing.T) {
	day := contact.Date{Year: 2000, Month: 1, Day: 1}
	for want, b := range map[string]*contact.PatchBuilder{
		"city takes string, not int":                               contact.NewPatch().Set(contact.FieldCity, 1),
		"name_first takes string, not contact.Field":               contact.NewPatch().Set(contact.FieldNameFirst, contact.FieldCity),
		"type takes string, not bool":                              contact.NewPatch().Set(contact.FieldType, true),
		"birthdate takes contact.Date or string, not time.Time":    contact.NewPatch().Set(contact.FieldBirthdate, time.Now()),
		"last_seen_at takes time.Time or string, not contact.Date": contact.NewPatch().Set(contact.FieldLastSeenAt, day),
		"sms_opted_in takes bool, not string":                      contact.NewPatch().Set(contact.FieldSMSOptedIn, "true"),
		"meta_public takes contact.Object, not string":             contact.NewPatch().Set(contact.FieldMetaPublic, "{}"),
		"completed_objective_keys takes []string, not []uint8":     contact.NewPatch().Set(contact.FieldCompletedObjectiveKeys, []byte{}),
		"no such field: 99":                                        contact.NewPatch().Set(99, 1),
		"no such field: 98":                                        contact.NewPatch().SetText(98, "x"),
		"no such field: 97":                                        contact.NewPatch().Clear(97),
		"the zero time, which is no time: updated_at":              contact.NewPatch().Set(contact.FieldUpdatedAt, time.Time{}),
	} {
		t.Run(row.Name(want), func(t *testing.T) {
			_, err := b.Set(contact.FieldCity, "Oslo").Patch()
			require.ErrorContains(t, err, want)
			var errs contact.Errors
			require.False(t, errors.As(err, &errs), want)
		})
	}
	_, err := contact.NewPatch().Set(99, 1).Set(contact.FieldCity, 1).Set(contact.FieldUpdatedAt, time.Time{}).Patch()
	for i, fault := range []error{contact.ErrField, contact.ErrTime} {
		t.Run(row.Name(i), func(t *testing.T) {
			require.ErrorIs(t, err, fault)
		})
	}
}

// TestSetText: white space around what is not text is a spreadsheet's, and around text it is a person's.
func TestSetText(t *testing.T) {
	full, err := contact.Parse(fullBody(t))
	require.NoError(t, err)
	for f := range contact.AllFields.All() {
		var cell string
		value := must(contact.PatchOf(full, contact.FieldsOf(f))).AppendJSON(nil)
		_, text, _ := strings.Cut(strings.TrimSuffix(string(value), "}"), ":")
		if json.Unmarshal([]byte(text), &cell) != nil {
			cell = text
		}
		for _, around := range []string{"", " ", "\t", "\u00a0", "\u202f", "\r\n"} {
			p, err := contact.NewPatch().SetText(f, around+cell+around).Patch()
			require.NoError(t, err, "%v %q", f, around)
			got, _ := p.Get(f)
			want, _ := full.Get(f)
			if f.Kind() == contact.KindString {
				want = around + want.(string) + around
			}
			require.Equal(t, want, got, "%v %q", f, around)
		}
		_, err := contact.NewPatch().SetText(f, "").Patch()
		require.Equal(t, f.Kind() == contact.KindString, err == nil, f)
	}
	for text, want := range map[string]string{"TRUE": "true", " False ": "false", "tRUE": "true"} {
		t.Run(row.Name(text), func(t *testing.T) {
			p, err := contact.NewPatch().SetText(contact.FieldSMSOptedIn, text).Patch()
			require.NoError(t, err, text)
			require.Equal(t, `{"sms_opted_in":`+want+`}`, string(p.AppendJSON(nil)))
		})
	}
	for _, text := range []string{"yes", "1", `"true"`, "t", "FAL\u017fE", "null"} {
		t.Run(row.Name(text), func(t *testing.T) {
			_, err := contact.NewPatch().SetText(contact.FieldSMSOptedIn, text).Patch()
			require.Equal(t, []string{"type /sms_opted_in"}, faults(t, err), text)
			require.Equal(t, "Write true or false.", err.(contact.Errors)[0].Detail)
		})
	}
}

// TestPatchAt: the version is replaced, the patch it was made of is as it was.
func TestPatchAt(t *testing.T) {
	c := SampleContact(t)
	edited := c.Clone()
	*edited.City = "Oslo"
	p, err := contact.Diff(c, edited)
	require.NoError(t, err)
	at, err := p.At(c.UpdatedAt.Add(time.Second))
	require.NoError(t, err)
	_, _, err = contact.Merge(c, at, time.Now())
	require.Equal(t, []string{"stale /updated_at"}, faults(t, err))
	at, err = at.At(c.UpdatedAt.In(time.FixedZone("", 3600)))
	require.NoError(t, err)
	_, changed, err := contact.Merge(c, at, time.Now())
	require.NoError(t, err)
	require.Equal(t, "city,updated_at", changed.String())
	require.Equal(t, "city", p.Fields().String())
	parsed := MustParsePatch(t, at.AppendJSON(nil))
	require.Equal(t, at, parsed)

	_, err = p.At(time.Time{})
	require.ErrorIs(t, err, contact.ErrTime)
	_, err = p.At(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorIs(t, err, contact.ErrTime)
	_, err = (*contact.Patch)(nil).At(c.UpdatedAt)
	require.ErrorIs(t, err, contact.ErrNil)
}

// randomObject returns an object of few names and few values, so that two of them often meet.
func randomObject(r *rand.Rand, depth int, nulls bool) string {
	var members []string
	for _, name := range []string{"a", "b", "\\u0063"} {
		if r.IntN(2) == 0 {
			continue
		}
		values := []string{"1", "[null]", `"x"`}
		if nulls {
			values = append(values, "null", "null")
		}
		value := values[r.IntN(len(values))]
		if depth > 0 && r.IntN(2) == 0 {
			value = randomObject(r, depth-1, nulls)
		}
		members = append(members, `"`+name+`":`+value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// TestThenAndChanges: Merge by p.Then(q) is Merge by p and then by q, on whatever contact, and
// Changes has the fields that Merge reports.
func TestThenAndChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	cities := []string{``, `"city":null,`, `"city":"Oslo",`, `"city":"Bergen",`}
	patch := func() *contact.Patch {
		return MustParsePatch(t, []byte(`{`+cities[r.IntN(4)]+`"meta_public":`+randomObject(r, 2, true)+`}`))
	}
	composed, refused := 0, 0
	n := rounds(20_000)
	for range n {
		c, p, q := SampleContact(t), patch(), patch()
		c.MetaPublic = contact.Object(randomObject(r, 2, false))
		between, _, err := contact.Merge(c, p, time.Time{})
		require.NoError(t, err)
		want, _, err := contact.Merge(between, q, time.Time{})
		require.NoError(t, err)
		both, err := p.Then(q)
		if err != nil {
			refused++
			require.Equal(t, contact.RuleMeta, err.(contact.Errors)[0].Rule)
			continue
		}
		composed++
		got, _, err := contact.Merge(c, both, time.Time{})
		require.NoError(t, err)
		require.Empty(t, changesOf(want, got), "%s after %s on %s", q.AppendJSON(nil), p.AppendJSON(nil), c.MetaPublic)

		after, changed, err := contact.Merge(c, p, now)
		require.NoError(t, err)
		var set contact.FieldSet
		for _, change := range changesOf(c, after) {
			set |= contact.FieldsOf(change.Field)
		}
		require.Equal(t, changed, set)
	}
	require.Greater(t, composed, n/20)
	require.Greater(t, refused, n/20)

	// The exception: no patch does to both of these what the two do, whatever it says of "a". One that
	// is no object there leaves no {"b":1}, and one that is leaves the "x".
	p, q := MustParsePatch(t, []byte(`{"meta_public":{"a":1}}`)), MustParsePatch(t, []byte(`{"meta_public":{"a":{"b":1}}}`))
	_, err := p.Then(q)
	require.Equal(t, []string{"meta /meta_public/a"}, faults(t, err))
	c := SampleContact(t)
	c.MetaPublic = `{"a":{"x":1}}`
	alone, _, err := contact.Merge(c, q, time.Time{})
	require.NoError(t, err)
	require.Equal(t, contact.Object(`{"a":{"x":1,"b":1}}`), alone.MetaPublic)

	var ones, objects []string
	for i := range 1000 {
		ones, objects = append(ones, fmt.Sprintf(`"%d":1`, i)), append(objects, fmt.Sprintf(`"%d":{}`, i))
	}
	_, err = MustParsePatch(t, []byte(`{"meta_public":{`+strings.Join(ones, ",")+`}}`)).Then(
		MustParsePatch(t, []byte(`{"meta_public":{`+strings.Join(objects, ",")+`}}`)))
	require.Len(t, faults(t, err), limits.MaxErrors+1)
	require.Equal(t, contact.RuleTruncated, err.(contact.Errors)[limits.MaxErrors].Rule)

	_, err = p.Then(nil)
	require.ErrorIs(t, err, contact.ErrNil)
	id := MustParsePatch(t, []byte(`{"id":"919108f7-52d1-4320-9bac-f847db4148a8","updated_at":"2026-01-01T00:00:00Z"}`))
	other := MustParsePatch(t, []byte(`{"id":"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e","updated_at":"2027-01-01T00:00:00Z"}`))
	_, err = id.Then(other)
	require.Equal(t, []string{"immutable /id"}, faults(t, err))
	same, err := id.Then(id)
	require.NoError(t, err)
	require.Equal(t, string(id.AppendJSON(nil)), string(same.AppendJSON(nil)))
}

func changesOf(before, after *contact.Contact) (all []contact.Change) {
	for change := range contact.Changes(before, after) {
		all = append(all, change)
	}
	return all
}

// TestChanges: to the member, with what one of two contacts that is nil has not; and it can be
// stopped.
func TestChanges(t *testing.T) {
	before, after := SampleContact(t), SampleContact(t)
	before.MetaPublic = ` {"a":{"b":1,"c~/":2},"d":[1],"e":"\u0061"}`
	after.MetaPublic = `{"e":"a","a":{"b":1.0},"f":{}}`
	require.Equal(t, []contact.Change{
		{Field: contact.FieldMetaPublic, Op: "replace", Pointer: "/meta_public/a/b", Before: "1", After: "1.0"},
		{Field: contact.FieldMetaPublic, Op: "remove", Pointer: "/meta_public/a/c~0~1", Before: "2"},
		{Field: contact.FieldMetaPublic, Op: "remove", Pointer: "/meta_public/d", Before: "[1]"},
		{Field: contact.FieldMetaPublic, Op: "add", Pointer: "/meta_public/f", After: "{}"},
	}, changesOf(before, after))
	empty := SampleContact(t)
	empty.MetaPublic = ""
	for _, text := range []contact.Object{"[", "{", `{"a"`, `{"a":1`, "{a}", "{]", `{"a":[`, `{"`} {
		t.Run(row.Name(text), func(t *testing.T) {
			broken := SampleContact(t)
			broken.MetaPublic = text
			require.Equal(t, []contact.Change{{Field: contact.FieldMetaPublic, Op: "replace", Pointer: "/meta_public", Before: string(text), After: "{}"}}, changesOf(broken, empty))
			require.Equal(t, []contact.Change{{Field: contact.FieldMetaPublic, Op: "replace", Pointer: "/meta_public", Before: "{}", After: string(text)}}, changesOf(empty, broken))
			_, err := json.Marshal(changesOf(broken, empty))
			require.NoError(t, err)
		})
	}
	for _, change := range changesOf(before, after) {
		text, err := json.Marshal(change)
		require.NoError(t, err)
		var back contact.Change
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, change.After, back.After)
		require.Equal(t, change.Pointer, back.Pointer)
	}
	require.Error(t, json.Unmarshal([]byte(`{"field":"ciudad"}`), new(contact.Change)))
	require.Empty(t, changesOf(nil, nil))
	require.Len(t, changesOf(nil, after), len(changesOf(after, nil)))
	for most := range 5 {
		n := 0
		for range contact.Changes(before, after) {
			if n++; n > most {
				break
			}
		}
		require.Equal(t, min(most+1, 4), n)
	}
	for range contact.Changes(nil, after) {
		break
	}
}

// TestChangesAreBounded: who may store a name of half a megabyte, and change many members below it,
// cannot make an audit log of many gigabytes. A long name by itself stands in full.
func TestChangesAreBounded(t *testing.T) {
	long, short := strings.Repeat("n", 100_000), strings.Repeat("n", 900)
	state := func(value string) *contact.Contact {
		var members []string
		for i := range 2000 {
			members = append(members, fmt.Sprintf(`"k%d":%s`, i, value))
		}
		many := "{" + strings.Join(members, ",") + "}"
		c := SampleContact(t)
		c.MetaPublic = contact.Object(`{"` + short + `":` + many + `,"` + long + `":{"a":` + many + `},"` + long + `2":` + value + `}`)
		return c
	}
	before, after := state("1"), state("2")
	size, pointers := 0, map[string]bool{}
	for _, change := range changesOf(before, after) {
		size += len(change.Pointer) + len(change.Before) + len(change.After)
		require.Equal(t, "replace", change.Op)
		require.False(t, pointers[change.Pointer], "twice")
		pointers[change.Pointer] = true
	}
	require.Less(t, size, 10*(len(before.MetaPublic)+len(after.MetaPublic)))
	require.Len(t, pointers, 2002)
	for _, pointer := range []string{short + "/k0", short + "/k1999", long, long + "2"} {
		t.Run(row.Name(pointer), func(t *testing.T) {
			require.True(t, pointers["/meta_public/"+pointer], "%.20s", pointer)
		})
	}
}

// TestErrorsBothWays reads every envelope that TestKeys and a service can make, and writes it
// again.
func TestErrorsBothWays(t *testing.T) {
	placed := contact.NewServiceError(409, "taken", "Number taken", "Send another number.")
	placed.Pointer = "/phone_mobile"
	lists := []contact.Errors{
		contact.CheckPatch([]byte(`{"city":1,"x":1,"timezone":"america/chicago"}`)).(contact.Errors),
		contact.CheckPatch([]byte(`{"city":"`)).(contact.Errors),
		contact.Options{MaxBytes: 1}.CheckPatch([]byte(`{}`)).(contact.Errors),
		updateError(contact.UpdateRequest{}).(contact.Errors),
		{contact.NewServiceError(404, "not_found", "Contact not found", "Send another id.")},
		{placed},
		{},
	}
	for _, errs := range lists {
		t.Run(row.Name(errs), func(t *testing.T) {
			envelope := errs.AppendJSON(nil)
			var again contact.Errors
			require.NoError(t, json.Unmarshal(envelope, &again))
			require.Equal(t, string(envelope), string(again.AppendJSON(nil)))
			for i := range errs {
				require.Equal(t, errs[i].MessageKey(), again[i].MessageKey())
			}
			var structure struct{ Errors []contact.Error }
			require.NoError(t, json.Unmarshal(envelope, &structure))
			require.Equal(t, string(envelope), string(contact.Errors(structure.Errors).AppendJSON(nil)))
			require.Len(t, errs.Unwrap(), len(errs))
		})
	}
	require.Equal(t, 404, lists[4].Status())
	require.Equal(t, 413, append(lists[4], lists[2]...).Status(), "the library's own come first")

	var one contact.Error
	require.True(t, errors.As(fmt.Errorf("update: %w", lists[0]), &one))
	require.Equal(t, "/city", one.Pointer)

	kept := contact.Errors{one}
	for _, broken := range []string{`{}`, `[]`, `{"errors":{}}`, `{"errors":[{"meta":1}]}`, `{`,
		`{"errors":[{}]}`, `{"errors":[null]}`, `{"ERRORS":[{"code":"x"}]}`, `{"errors":[{"Code":"x"}]}`, `{"errors":null}`, `{"errors":["x"]}`} {
		t.Run(row.Name(broken), func(t *testing.T) {
			require.Error(t, json.Unmarshal([]byte(broken), &kept), broken)
			require.Equal(t, contact.Errors{one}, kept, broken)
		})
	}
	require.NoError(t, json.Unmarshal([]byte(`null`), &kept))
	require.Equal(t, contact.Errors{one}, kept)

	// One foreign member or entry does not hide the others.
	var some contact.Errors
	require.EqualError(t, some.UnmarshalJSON([]byte(`{"errors":[{"code":"x","meta":{"rule":"x"}},null,7]}`)), "contact: an envelope with entries that are not errors of the API")
	require.Len(t, some, 1)
	require.NoError(t, json.Unmarshal([]byte(`{"errors":[{"code":"x","detail":1,"source":"here","meta":{"rule":"r","offset":"1","limit":2}}]}`), &some))
	require.Equal(t, contact.Rule("r"), some[0].Rule)
	require.Equal(t, 2, some[0].Meta.Limit)
	require.NoError(t, json.Unmarshal([]byte(`null`), &one))
	require.Error(t, json.Unmarshal([]byte(`{"title":"without a code"}`), &one))
	require.Equal(t, contact.Errors{one}, kept)
}

// TestTranslate: what has no translation stays, and the original is left alone.
func TestTranslate(t *testing.T) {
	errs := contact.Errors{
		contact.NewError(contact.RuleNull, "/id"),
		contact.NewServiceError(404, "not_found", "Not found", "Send another id."),
	}
	translated, missing := errs.Translate(func(e contact.Error) (title, detail string) {
		if e.MessageKey() == "not_found" {
			return "No encontrado", ""
		}
		return "", "Envíe un valor."
	})
	require.Equal(t, []string{"null", "not_found"}, missing, "the title of one, the detail of the other")
	require.Equal(t, "Field cannot be null", translated[0].Title())
	require.Equal(t, "Envíe un valor.", translated[0].Detail)
	require.Equal(t, "No encontrado", translated[1].Title())
	require.Equal(t, "Send another id.", translated[1].Detail)
	require.Equal(t, 404, translated[1:].Status())
	require.Equal(t, "Not found", errs[1].Title())

	// It is of no part of the request, until the service says of which.
	require.NotContains(t, string(translated[1:].AppendJSON(nil)), "source")
	translated[1].Parameter = "id"
	require.Contains(t, string(translated[1:].AppendJSON(nil)), `"source":{"parameter":"id"}`)
	require.Contains(t, string(contact.Errors{contact.NewError(contact.RuleSyntax, "")}.AppendJSON(nil)), `"source":{"pointer":""}`)
}

// TestScanFaultsAreTheStores: what a column holds is no client's fault.
func TestScanFaultsAreTheStores(t *testing.T) {
	var d contact.Date
	var o contact.Object
	for i, column := range []any{"1990-02-30", []byte("x"), 1, nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		t.Run(row.Name(i), func(t *testing.T) {
			var errs contact.Errors
			require.Error(t, d.Scan(column))
			require.False(t, errors.As(d.Scan(column), &errs), column)
			require.Error(t, o.Scan(column))
			require.False(t, errors.As(o.Scan(column), &errs), column)
		})
	}
	require.Zero(t, d)
}
