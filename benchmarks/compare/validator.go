package compare

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"
)

// person is a contact as structs are written for encoding/json and go-playground/validator.
type person struct {
	ID                     string         `json:"id" validate:"required,uuid4"`
	Type                   string         `json:"type" validate:"required,eq=contact"`
	TeamID                 string         `json:"team_id" validate:"required,uuid4"`
	UniqueID               *string        `json:"unique_id,omitempty"`
	NameFirst              *string        `json:"name_first,omitempty"`
	NameLast               *string        `json:"name_last,omitempty"`
	NameTitle              *string        `json:"name_title,omitempty"`
	NameSuffix             *string        `json:"name_suffix,omitempty"`
	Email                  *string        `json:"email,omitempty"`
	PhoneHome              *string        `json:"phone_home,omitempty"`
	PhoneMobile            *string        `json:"phone_mobile,omitempty"`
	PhoneWork              *string        `json:"phone_work,omitempty"`
	Address                *string        `json:"address,omitempty"`
	Address2               *string        `json:"address2,omitempty"`
	City                   *string        `json:"city,omitempty"`
	State                  *string        `json:"state,omitempty"`
	PostCode               *string        `json:"post_code,omitempty"`
	County                 *string        `json:"county,omitempty"`
	Country                *string        `json:"country,omitempty"`
	Birthdate              *string        `json:"birthdate,omitempty" validate:"omitempty,datetime=2006-01-02"`
	Timezone               *string        `json:"timezone,omitempty" validate:"omitempty,timezone"`
	SMSVerified            *bool          `json:"sms_verified" validate:"required"`
	SMSOptedIn             *bool          `json:"sms_opted_in" validate:"required"`
	SMSAuthorized          *bool          `json:"sms_authorized" validate:"required"`
	SMSUnsubscribed        *bool          `json:"sms_unsubscribed" validate:"required"`
	EmailVerified          *bool          `json:"email_verified" validate:"required"`
	EmailOptedIn           *bool          `json:"email_opted_in" validate:"required"`
	EmailAuthorized        *bool          `json:"email_authorized" validate:"required"`
	EmailUnsubscribed      *bool          `json:"email_unsubscribed" validate:"required"`
	MetaPublic             map[string]any `json:"meta_public" validate:"required"`
	InsertedAt             time.Time      `json:"inserted_at" validate:"required"`
	UpdatedAt              time.Time      `json:"updated_at" validate:"required"`
	LastSeenAt             *time.Time     `json:"last_seen_at,omitempty"`
	ActiveJourneyIDs       []string       `json:"active_journey_ids" validate:"required,dive,uuid4"`
	CompletedObjectiveKeys []string       `json:"completed_objective_keys" validate:"required"`
}

var validate = newValidate()

func newValidate() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return v
}

// Validator decodes the body over the stored contact and validates what comes out.
func Validator(stored, body []byte, now time.Time) ([]byte, error) {
	var before, after person
	if err := json.Unmarshal(stored, &before); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(stored, &after); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&after); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errTrailing
	}
	if err := validate.Struct(&after); err != nil {
		return nil, err
	}
	switch {
	case after.ID != before.ID || after.TeamID != before.TeamID || !after.InsertedAt.Equal(before.InsertedAt):
		return nil, errIdentity
	case !after.UpdatedAt.Equal(before.UpdatedAt):
		return nil, errStale
	case !reflect.DeepEqual(before, after):
		after.UpdatedAt = now
	}
	return json.Marshal(&after)
}
