package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/partner-contacts/contact"
)

var sampleCommand = command{
	use:   "sample",
	short: "Make contacts, or patches for them, to try the program with",
	setup: func(e *env, flags *pflag.FlagSet) func([]string) error {
		lines, patches, every := 1000, 0, 0
		var shuffle bool
		var seed uint64
		flags.Var(quantity{to: &lines}, "lines", "how many contacts there are")
		flags.Var(quantity{to: &patches}, "patches", "print so many patches for the contacts instead")
		flags.BoolVar(&shuffle, "shuffle", false, "print in another order")
		flags.Var(quantity{to: &every}, "invalid-every", "put a fault in every `N`th line; 0: in none")
		flags.Uint64Var(&seed, "seed", 1, "other contacts for another `N`")
		return func([]string) error {
			if patches > 0 && lines == 0 {
				return misused("patches need contacts")
			}
			out := bufio.NewWriterSize(e.stdout, 1<<16)
			count := lines
			if patches > 0 {
				count = patches
			}
			var line []byte
			for n := range count {
				place := n
				if shuffle {
					place = shuffled(n, count)
				}
				s := sampler{rand.New(rand.NewPCG(seed, uint64(place%max(1, lines))))}
				c := s.contact()
				faulty := every > 0 && (n+1)%every == 0
				switch {
				case patches > 0:
					s = sampler{rand.New(rand.NewPCG(^seed, uint64(place)))}
					line = s.patch(line[:0], c.ID, faulty)
				case faulty:
					line = sampleFaults[(n+1)/every%len(sampleFaults)](line[:0], c)
				default:
					line = c.AppendJSON(line[:0])
				}
				if _, err := out.Write(append(line, '\n')); err != nil {
					return err
				}
			}
			return out.Flush()
		}
	},
}

// shuffled returns the n-th of the numbers below count in another order: multiples of a number that
// has no divisor in common with count, so that each comes once and no list of them is needed.
func shuffled(n, count int) int {
	step := int(0.618*float64(count)) | 1
	for a, b := step, count; ; {
		for b != 0 {
			a, b = b, a%b
		}
		if a == 1 {
			return int((uint64(n)*uint64(step) + uint64(count)/3) % uint64(count))
		}
		step += 2
		a, b = step, count
	}
}

// patched are the fields that a patch sets together.
var patched = []contact.FieldSet{
	contact.FieldsOf(contact.FieldCity, contact.FieldState, contact.FieldPostCode, contact.FieldTimezone),
	contact.FieldsOf(contact.FieldSMSOptedIn, contact.FieldEmailOptedIn),
	contact.FieldsOf(contact.FieldNameLast, contact.FieldEmail),
	contact.FieldsOf(contact.FieldMetaPublic),
	contact.FieldsOf(contact.FieldLastSeenAt, contact.FieldCompletedObjectiveKeys),
	contact.FieldsOf(contact.FieldPhoneHome, contact.FieldPhoneMobile, contact.FieldAddress2),
}

// patch appends a patch for the contact with an id: the values of another contact in some fields.
func (s sampler) patch(dst []byte, id contact.ID, faulty bool) []byte {
	patch, err := contact.PatchOf(s.contact(), pick(s, patched))
	if err != nil {
		panic(err) // no such contact is made
	}
	dst = fmt.Appendf(dst, `{"id":"%s"`, id)
	if faulty {
		dst = append(dst, `,"name_frist":"Ana"`...)
	}
	comma := len(dst)
	dst = patch.AppendJSON(dst)
	dst[comma] = ','
	return dst
}

// A sampler makes up contacts.
type sampler struct{ *rand.Rand }

var (
	firstNames = strings.Fields("Ana Björn Chidi Deepika Elif Françoise Grace Hiroshi Ivana José Kwame Līga María Nguyễn Olga Przemysław 明 Siobhán Tomáš Zoë")
	lastNames  = strings.Fields("Abadi Baker Castillo Dvořák Eriksen Fernández García Haddad Ito Jansen Kowalski López Müller Nakamura Okafor Petrov Quiroga Rossi Silva Yılmaz")
	cities     = []string{"Chicago|IL|Cook|US|America/Chicago", "Oak Park|IL|Cook|US|America/Chicago", "München|BY||DE|Europe/Berlin", "Lagos|LA||NG|Africa/Lagos", "São Paulo|SP||BR|America/Sao_Paulo", "大阪|27||JP|Asia/Tokyo", "Leeds|ENG|West Yorkshire|GB|Europe/London", "Phoenix|AZ|Maricopa|US|America/Phoenix"}
	sources    = strings.Fields("spring-2026 referral import landing-page call-centre")
	objectives = strings.Fields("welcome profile_complete first_purchase moved consent_renewed survey_2026")
)

func pick[T any](s sampler, list []T) T { return list[s.IntN(len(list))] }

func (s sampler) id() (id contact.ID) {
	for i := range id {
		id[i] = byte(s.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, variant 10
	return id
}

func (s sampler) chance(percent int) bool { return s.IntN(100) < percent }

func (s sampler) text(percent int, format string, args ...any) *string {
	if !s.chance(percent) {
		return nil
	}
	text := fmt.Sprintf(format, args...)
	return &text
}

func (s sampler) phone(percent int) *string {
	return s.text(percent, "+1 %03d 555 %04d", 200+s.IntN(800), s.IntN(10000))
}

// contact makes up one that is valid, with half to all of the fields.
func (s sampler) contact() *contact.Contact {
	first, last := pick(s, firstNames), pick(s, lastNames)
	place := strings.Split(pick(s, cities), "|")
	inserted := time.Date(2020, 1, 1, 0, 0, s.IntN(150_000_000), s.IntN(1e6)*1000, time.UTC)
	seen := inserted.Add(time.Duration(s.IntN(1e6)) * time.Second)
	c := &contact.Contact{
		ID:          s.id(),
		TeamID:      s.id(),
		UniqueID:    s.text(80, "crm-%d", s.IntN(1e6)),
		NameFirst:   s.text(98, "%s", first),
		NameLast:    s.text(98, "%s", last),
		NameTitle:   s.text(20, "Dr."),
		Email:       s.text(85, "%s.%s%d@example.org", strings.ToLower(first), strings.ToLower(last), s.IntN(100)),
		PhoneHome:   s.phone(30),
		PhoneMobile: s.phone(90),
		PhoneWork:   s.phone(20),
		Address:     s.text(75, "%d %s St", 1+s.IntN(9999), pick(s, lastNames)),
		Address2:    s.text(15, "Apt %d", 1+s.IntN(99)),
		City:        &place[0],
		State:       &place[1],
		PostCode:    s.text(90, "%05d", s.IntN(100_000)),
		Country:     &place[3],
		Timezone:    &place[4],
		Birthdate:   &contact.Date{Year: 1940 + s.IntN(70), Month: 1 + s.IntN(12), Day: 1 + s.IntN(28)},

		SMSVerified: s.chance(80), SMSOptedIn: s.chance(60), SMSAuthorized: s.chance(60), SMSUnsubscribed: s.chance(10),
		EmailVerified: s.chance(80), EmailOptedIn: s.chance(60), EmailAuthorized: s.chance(60), EmailUnsubscribed: s.chance(10),

		MetaPublic: contact.Object(fmt.Sprintf(`{"source":"%s","score":%d.%d,"prefs":{"language":"%s","channels":["sms","email"]}}`,
			pick(s, sources), s.IntN(100), s.IntN(10), pick(s, []string{"en", "es", "de", "ja"}))),
		InsertedAt: inserted,
		UpdatedAt:  seen.Add(time.Hour),
	}
	if place[2] != "" {
		c.County = &place[2]
	}
	if s.chance(70) {
		c.LastSeenAt = &seen
	}
	for range s.IntN(4) {
		c.ActiveJourneyIDs = append(c.ActiveJourneyIDs, s.id())
	}
	for i := range s.IntN(4) {
		c.CompletedObjectiveKeys = append(c.CompletedObjectiveKeys, objectives[i])
	}
	return c
}

// sampleFaults append a contact with one fault, each its own.
var sampleFaults = []func([]byte, *contact.Contact) []byte{
	spoil(func(c *contact.Contact) { c.ID[6] = 0x10 }),                  // uuid
	rewrite(`"birthdate":"`, `"birthdate":"+`),                          // date
	spoil(func(c *contact.Contact) { *c.Timezone = "america/chicago" }), // timezone
	rewrite(`"type":"contact"`, `"type":"person"`),                      // enum
	rewrite(`"type":"contact"`, `"type":null`),                          // null
	rewrite(`"type":"contact"`, `"type":["contact"]`),                   // type
	rewrite(`"type":"contact"`, `"type":"contact","name_frist":"Ana"`),  // unknown
	rewrite(`"type":"contact"`, `"type":"contact","type":"contact"`),    // duplicate
	rewrite(`,"updated_at":"20`, `,"updated_at":"20 `),                  // timestamp
	rewrite(`"type":"contact"`, `"type" "contact"`),                     // syntax
}

func spoil(change func(*contact.Contact)) func([]byte, *contact.Contact) []byte {
	return func(dst []byte, c *contact.Contact) []byte {
		change(c)
		return c.AppendJSON(dst)
	}
}

func rewrite(old, new string) func([]byte, *contact.Contact) []byte {
	return func(dst []byte, c *contact.Contact) []byte {
		return append(dst, strings.Replace(string(c.AppendJSON(nil)), old, new, 1)...)
	}
}
