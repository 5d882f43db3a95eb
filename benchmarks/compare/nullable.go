package compare

import (
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/nullable"

	"github.com/partner-contacts/contact/schema"
)

var patchSchema = newPatchSchema()

func newPatchSchema() *openapi3.Schema {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(schema.OpenAPI))
	if err != nil {
		panic(err)
	}
	return doc.Components.Schemas["ContactPatch"].Value
}

// Nullable validates the body by the OpenAPI schema, decodes it into the generated model, whose fields
// know null from absent, and copies what was sent.
func Nullable(stored, body []byte, now time.Time) ([]byte, error) {
	var sent any
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	if err := patchSchema.VisitJSON(sent, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
		return nil, err
	}
	var c Contact
	var p ContactPatch
	if err := errors.Join(json.Unmarshal(stored, &c), json.Unmarshal(body, &p)); err != nil {
		return nil, err
	}
	before := c
	switch {
	case p.Id != nil && *p.Id != *c.Id, p.TeamId != nil && *p.TeamId != *c.TeamId,
		p.InsertedAt != nil && !p.InsertedAt.Equal(*c.InsertedAt):
		return nil, errIdentity
	case p.UpdatedAt != nil && !p.UpdatedAt.Equal(c.UpdatedAt):
		return nil, errStale
	}
	optional(&c.UniqueId, p.UniqueId)
	optional(&c.NameFirst, p.NameFirst)
	optional(&c.NameLast, p.NameLast)
	optional(&c.NameTitle, p.NameTitle)
	optional(&c.NameSuffix, p.NameSuffix)
	optional(&c.Email, p.Email)
	optional(&c.PhoneHome, p.PhoneHome)
	optional(&c.PhoneMobile, p.PhoneMobile)
	optional(&c.PhoneWork, p.PhoneWork)
	optional(&c.Address, p.Address)
	optional(&c.Address2, p.Address2)
	optional(&c.City, p.City)
	optional(&c.State, p.State)
	optional(&c.PostCode, p.PostCode)
	optional(&c.County, p.County)
	optional(&c.Country, p.Country)
	optional(&c.Birthdate, p.Birthdate)
	optional(&c.Timezone, p.Timezone)
	optional(&c.LastSeenAt, p.LastSeenAt)
	required(&c.SmsVerified, p.SmsVerified)
	required(&c.SmsOptedIn, p.SmsOptedIn)
	required(&c.SmsAuthorized, p.SmsAuthorized)
	required(&c.SmsUnsubscribed, p.SmsUnsubscribed)
	required(&c.EmailVerified, p.EmailVerified)
	required(&c.EmailOptedIn, p.EmailOptedIn)
	required(&c.EmailAuthorized, p.EmailAuthorized)
	required(&c.EmailUnsubscribed, p.EmailUnsubscribed)
	required(&c.ActiveJourneyIds, p.ActiveJourneyIds)
	required(&c.CompletedObjectiveKeys, p.CompletedObjectiveKeys)
	if p.MetaPublic != nil {
		c.MetaPublic = mergeObject(c.MetaPublic, *p.MetaPublic)
	}
	if !reflect.DeepEqual(before, c) {
		c.UpdatedAt = now
	}
	return json.Marshal(c)
}

func optional[T any](to **T, from nullable.Nullable[T]) {
	if from.IsNull() {
		*to = nil
	} else if v, err := from.Get(); err == nil {
		*to = &v
	}
}

func required[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// mergeObject is RFC 7396 §2.
func mergeObject(target, patch map[string]any) map[string]any {
	merged := map[string]any{}
	for name, value := range target {
		merged[name] = value
	}
	for name, value := range patch {
		switch object, ok := value.(map[string]any); {
		case value == nil:
			delete(merged, name)
		case ok:
			inner, _ := merged[name].(map[string]any)
			merged[name] = mergeObject(inner, object)
		default:
			merged[name] = value
		}
	}
	return merged
}
