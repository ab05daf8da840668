/* SPDX-License-Identifier: Apache-2.0 */
/* Text to data. A file is lines, a line is words (tou_words.h); each statement has its function, which takes the line's words one by one. The
 * first fault is kept and ends it. */
#include <string.h>

#include "text.h"
#include "tou_words.h"

static bool get_rate(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned *rate)
{
    if (!pw_tou_get_number(w, 1, 2, rate) || *rate == 0)
        return pw_tou_fail(p, "", w, " is no rate: 1, 2 ...");
    if (*rate > PW_TOU_RATES)
        return pw_tou_fail(p, "", w, PW_TOU_RATES == 4 ? " is beyond the limit of 4 rates" : " is beyond the limit of rates");
    return true;
}

/* The name of a new day type or season. */
static bool new_word(struct pw_tou_parser *p, const struct pw_tou_word *w, char name[][PW_TOU_WORD_CHARS + 1], unsigned n)
{
    if (w->n > PW_TOU_WORD_CHARS)
        return pw_tou_fail(p, "name too long:", w, ", at most 12 characters");
    for (size_t i = 0; i < w->n; i++) {
        char c = w->s[i], lower = (char)(c | 0x20);
        if (!((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
            return pw_tou_fail(p, "name with other than letters, digits, - and _:", w, "");
    }
    if (w->quoted || w->n == 0)
        return pw_tou_fail(p, "", w, " must stand without \"");
    for (unsigned i = 0; i < n; i++)
        if (pw_tou_is(w, name[i]))
            return pw_tou_fail(p, "", w, " exists already");
    memcpy(name[n], w->s, w->n);
    return true;
}

/* ---- statements ---- */

static bool schedule(struct pw_tou_parser *p)
{
    struct pw_tou_word w;
    unsigned id;
    if (p->have_schedule)
        return pw_tou_fail(p, "a second 'schedule' line", NULL, "");
    p->have_schedule = true;
    if (!pw_tou_need(p, &w, "number of the schedule"))
        return false;
    if (!pw_tou_get_number(&w, 1, 5, &id) || id > UINT16_MAX)
        return pw_tou_fail(p, "", &w, " is no number of a schedule: 0 .. 65535");
    p->t.id = (uint16_t)id;
    return pw_tou_need(p, &w, "name of the schedule") && pw_tou_get_name(p, &w, p->t.name, PW_TOU_NAME_CHARS);
}

/* DATE HH:MM[:SS] of the zone, which may follow later, or of UTC. */
static bool effective(struct pw_tou_parser *p)
{
    struct pw_tou_word w, seconds, a, b;
    unsigned minute = 0, second = 0;
    if (p->effective_line != 0)
        return pw_tou_fail(p, "a second 'effective' line", NULL, "");
    p->effective_line = p->line;
    if (!pw_tou_need(p, &w, "date") || !pw_tou_get_date(p, &w, &p->effective) || !pw_tou_need(p, &w, "time"))
        return false;
    struct pw_tou_word hhmm = w;
    if (pw_tou_split(&w, ':', &a, &b) && pw_tou_split(&b, ':', &b, &seconds)) {
        hhmm.n = w.n - seconds.n - 1;
        if (!pw_tou_get_number(&seconds, 2, 2, &second) || second > 59)
            return pw_tou_fail(p, "no such time:", &w, "");
    }
    if (!pw_tou_get_time(p, &hhmm, &minute))
        return false;
    p->effective.hour = (uint8_t)(minute / 60);
    p->effective.minute = (uint8_t)(minute % 60);
    p->effective.second = (uint8_t)second;
    if (pw_tou_next(p, &w)) {
        if (!pw_tou_is(&w, "utc"))
            return pw_tou_fail(p, "unknown word", &w, "");
        p->effective_utc = true;
    }
    return !p->failed;
}

static bool change(struct pw_tou_parser *p, const char *which, struct pw_dst_change *c)
{
    struct pw_tou_word w;
    unsigned minute;
    if (!pw_tou_need(p, &w, which))
        return false;
    if (!pw_tou_is(&w, which))
        return pw_tou_fail(p, "unknown word", &w, *which == 's' ? ", here comes 'start'" : ", here comes 'end'");
    if (!pw_tou_need(p, &w, "day (m3w2d0)") || !pw_tou_get_mwd(p, &w, &c->month, &c->week, &c->weekday) || !pw_tou_need(p, &w, "time") || !pw_tou_get_time(p, &w, &minute))
        return false;
    c->minute = (uint16_t)minute;
    return true;
}

static bool zone(struct pw_tou_parser *p)
{
    struct pw_tou_word w;
    int offset;
    unsigned dst;
    struct pw_zone *z = &p->t.zone;
    if (p->have_zone)
        return pw_tou_fail(p, "a second 'zone' line", NULL, "");
    p->have_zone = true;
    if (!pw_tou_need(p, &w, "minutes from UTC"))
        return false;
    if (!pw_tou_get_signed(&w, &offset) || offset < -720 || offset > 840)
        return pw_tou_fail(p, "", &w, " are no minutes from UTC: -720 .. 840");
    z->offset_min = (int16_t)offset;
    if (!pw_tou_next(p, &w))
        return !p->failed;
    if (!pw_tou_is(&w, "dst"))
        return pw_tou_fail(p, "unknown word", &w, ", here comes 'dst'");
    if (!pw_tou_need(p, &w, "minutes of daylight saving"))
        return false;
    if (!pw_tou_get_number(&w, 1, 3, &dst) || dst < 1 || dst > 120)
        return pw_tou_fail(p, "", &w, " are no minutes of daylight saving: 1 .. 120");
    z->dst_min = (uint8_t)dst;
    if (!change(p, "start", &z->start) || !change(p, "end", &z->end))
        return false;
    return pw_tou_zone_valid(z) || pw_tou_fail(p, "start and end of daylight saving are less than two months apart", NULL, "");
}

static bool rate(struct pw_tou_parser *p)
{
    struct pw_tou_word w;
    unsigned r;
    if (!pw_tou_need(p, &w, "number of the rate") || !get_rate(p, &w, &r))
        return false;
    if (r <= p->t.n_rates)
        return pw_tou_fail(p, "rate", &w, " exists already");
    if (r != p->t.n_rates + 1u)
        return pw_tou_fail(p, "rate", &w, " comes before a lower one");
    p->t.n_rates = (uint8_t)r;
    return pw_tou_need(p, &w, "name of the rate") && pw_tou_get_name(p, &w, p->names.rate[r - 1], PW_TOU_WORD_CHARS);
}

static bool segment(struct pw_tou_parser *p, const struct pw_tou_word *w)
{
    struct pw_tou_word time, number;
    unsigned minute, r, *n = &p->n_segments;
    uint8_t *of_type = &p->t.n_segments[p->t.n_daytypes];
    if (!pw_tou_split(w, '=', &time, &number))
        return pw_tou_fail(p, "", w, " is no segment: HH:MM=RATE");
    if (!pw_tou_get_time(p, &time, &minute) || !get_rate(p, &number, &r))
        return false;
    if (r > p->t.n_rates)
        return pw_tou_fail(p, "segment", w, ": no such rate (rates come first)");
    if (*of_type == 0 && minute != 0)
        return pw_tou_fail(p, "segment", w, ": the first one begins at 00:00");
    if (*of_type != 0 && minute <= pw_tou_seg_minute(p->t.segment[*n - 1]))
        return pw_tou_fail(p, "segment", w, " does not come after the one before");
    if (*n == PW_TOU_SEGMENTS)
        return pw_tou_fail(p, "segment", w, ": more than 80 segments");
    p->t.segment[(*n)++] = PW_TOU_SEG(minute, r - 1);
    (*of_type)++;
    return true;
}

static bool daytype(struct pw_tou_parser *p)
{
    struct pw_tou_word w;
    struct pw_tou *t = &p->t;
    if (!pw_tou_need(p, &w, "name of the day type"))
        return false;
    if (t->n_daytypes == PW_TOU_DAYTYPES)
        return pw_tou_fail(p, "day type", &w, ": more than 10 day types");
    if (!new_word(p, &w, p->names.daytype, t->n_daytypes) || !pw_tou_need(p, &w, "segment"))
        return false;
    do {
        if (!segment(p, &w))
            return false;
    } while (pw_tou_next(p, &w));
    t->n_daytypes++;
    return !p->failed;
}

static bool find_daytype(struct pw_tou_parser *p, const struct pw_tou_word *w, uint8_t *daytype_idx)
{
    for (unsigned i = 0; i < p->t.n_daytypes; i++)
        if (pw_tou_is(w, p->names.daytype[i])) {
            *daytype_idx = (uint8_t)i;
            return true;
        }
    return pw_tou_fail(p, "no such day type:", w, " (day types come first)");
}

static bool find_weekday(struct pw_tou_parser *p, const struct pw_tou_word *w, unsigned *d)
{
    for (*d = 0; *d < 7; ++*d)
        if (pw_tou_is(w, pw_tou_weekday[*d]))
            return true;
    return pw_tou_fail(p, "", w, " is no weekday: mon ... sun");
}

/* "mon-fri=workday", "sat,sun=weekend", "holiday=weekend". @param[in,out] given  a bit a weekday; 7: holidays */
static bool season_days(struct pw_tou_parser *p, const struct pw_tou_word *w, struct pw_tou_season *s, unsigned *given)
{
    struct pw_tou_word days, type, item, from, to;
    uint8_t k = 0;
    if (!pw_tou_split(w, '=', &days, &type))
        return pw_tou_fail(p, "unknown word", w, ", here comes DAYS=DAYTYPE");
    if (!find_daytype(p, &type, &k))
        return false;
    if (pw_tou_is(&days, "holiday")) {
        s->holiday = k;
        bool twice = (*given & 1u << 7) != 0;
        *given |= 1u << 7;
        return !twice || pw_tou_fail(p, "a second day type for", &days, "");
    }
    for (bool more = true; more;) {
        unsigned d, last;
        more = pw_tou_split(&days, ',', &item, &days);
        if (!more)
            item = days;
        bool range = pw_tou_split(&item, '-', &from, &to);
        if (!find_weekday(p, range ? &from : &item, &d) || !find_weekday(p, range ? &to : &item, &last))
            return false;
        for (bool done = false; !done; d = (d + 1) % 7) {
            if ((*given & 1u << d) != 0)
                return pw_tou_fail(p, "a second day type for", &(struct pw_tou_word){pw_tou_weekday[d], 3, false}, "");
            *given |= 1u << d;
            s->daytype[d] = k;
            done = d == last;
        }
    }
    return true;
}

static bool season(struct pw_tou_parser *p)
{
    struct pw_tou_word w, name;
    struct pw_tou *t = &p->t;
    unsigned given = 0;
    if (!pw_tou_need(p, &name, "name of the season"))
        return false;
    if (t->n_seasons == PW_TOU_SEASONS)
        return pw_tou_fail(p, "season", &name, ": more than 4 seasons");
    struct pw_tou_season *s = &t->season[t->n_seasons], *before = s - (t->n_seasons != 0);
    if (!new_word(p, &name, p->names.season, t->n_seasons) || !pw_tou_need(p, &w, "'from'"))
        return false;
    if (!pw_tou_is(&w, "from"))
        return pw_tou_fail(p, "unknown word", &w, ", here comes 'from'");
    if (!pw_tou_need(p, &w, "day") || !pw_tou_get_day(p, &w, 2001, &s->month, &s->day)) /* a day that every year has */
        return false;
    if (s != before && (s->month < before->month || (s->month == before->month && s->day <= before->day)))
        return pw_tou_fail(p, "season", &name, " does not begin after the one before");
    while (pw_tou_next(p, &w))
        if (!season_days(p, &w, s, &given))
            return false;
    if (p->failed)
        return false;
    for (unsigned d = 0; d < 8; d++)
        if ((given & 1u << d) == 0) {
            char buf[32];
            struct pw_text without;
            pw_text_init(&without, buf, sizeof buf);
            pw_text_str(&without, ": no day type for ");
            pw_text_str(&without, d == 7 ? "holiday" : pw_tou_weekday[d]);
            return pw_tou_fail(p, "season", &name, buf);
        }
    t->n_seasons++;
    return true;
}

static bool after_weekday(struct pw_tou_parser *p, struct pw_tou_holiday *h)
{
    struct pw_tou_word w;
    unsigned d = 0;
    if (!pw_tou_need(p, &w, "weekday") || !find_weekday(p, &w, &d))
        return false;
    h->arg = (uint8_t)d;
    return true;
}

/* The holiday's day, by its kind. */
static bool holiday_day(struct pw_tou_parser *p, const struct pw_tou_word *kind, struct pw_tou_holiday *h)
{
    struct pw_tou_word w;
    struct pw_civil c;
    int days;
    for (h->rule = 0; h->rule < 5 && !pw_tou_is(kind, pw_tou_kind[h->rule]);)
        h->rule++;
    if (h->rule == 5)
        return pw_tou_fail(p, "unknown kind of holiday", kind, "; known: once yearly nth on-or-after easter");
    if (!pw_tou_need(p, &w, "day of the holiday"))
        return false;
    switch (h->rule) {
    case PW_TOU_YEARLY: return pw_tou_get_day(p, &w, 2000, &h->month, &h->day);
    case PW_TOU_NTH:    return pw_tou_get_mwd(p, &w, &h->month, &h->day, &h->arg);
    case PW_TOU_ONCE:
        if (!pw_tou_get_date(p, &w, &c))
            return false;
        *h = (struct pw_tou_holiday){h->rule, c.month, c.day, (uint8_t)(c.year - 2000)};
        return true;
    case PW_TOU_AFTER:
        if (!pw_tou_get_day(p, &w, 2001, &h->month, &h->day) || !after_weekday(p, h))
            return false;
        return h->month != 12 || h->day <= 25 || pw_tou_fail(p, "", &w, ": this weekday may be in the next year");
    default:
        if (!pw_tou_get_signed(&w, &days) || days < PW_TOU_EASTER_MIN || days > PW_TOU_EASTER_MAX)
            return pw_tou_fail(p, "", &w, " are no days from Easter Sunday: -80 .. 127");
        h->arg = (uint8_t)days;
        return true;
    }
}

static bool holiday(struct pw_tou_parser *p)
{
    struct pw_tou_word w, day = {p->p, 0, false};
    struct pw_tou_holiday h = {0, 0, 0, 0};
    unsigned shift = PW_TOU_STAYS;
    bool named = false;
    if (!pw_tou_need(p, &w, "kind of holiday") || !holiday_day(p, &w, &h))
        return false;
    day.n = (size_t)(p->p - day.s);
    for (; day.n > 0 && *day.s == ' '; day.s++)
        day.n--;
    while (pw_tou_next(p, &w)) {
        if (w.quoted && !named) { /* for the reader only: not kept */
            named = true;
            if (!pw_tou_get_name(p, &w, NULL, SIZE_MAX))
                return false;
        } else if (shift == PW_TOU_STAYS && (pw_tou_is(&w, pw_tou_shift[1] + 1) || pw_tou_is(&w, pw_tou_shift[2] + 1))) {
            shift = pw_tou_is(&w, pw_tou_shift[1] + 1) ? PW_TOU_NEAREST : PW_TOU_NEXT;
        } else {
            return pw_tou_fail(p, "unknown word", &w, "");
        }
    }
    for (unsigned i = 0; i < p->t.n_holidays; i++)
        if (pw_tou_holiday_same(&h, &p->t.holiday[i]))
            return pw_tou_fail(p, "holiday", &day, " exists already");
    if (p->t.n_holidays == PW_TOU_HOLIDAYS)
        return pw_tou_fail(p, "holiday", &day, ": more than 40 holidays");
    h.rule = PW_TOU_RULE(h.rule, shift);
    p->t.holiday[p->t.n_holidays++] = h;
    return !p->failed;
}

/* ---- the file ---- */

static bool statement(struct pw_tou_parser *p)
{
    static const struct {
        const char *word;
        bool (*take)(struct pw_tou_parser *p);
    } list[] = {{"schedule", schedule}, {"effective", effective}, {"zone", zone}, {"rate", rate}, {"daytype", daytype}, {"season", season}, {"holiday", holiday}};
    struct pw_tou_word w;
    if (!pw_tou_next(p, &w))
        return !p->failed;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (pw_tou_is(&w, list[i].word)) {
            if (!list[i].take(p))
                return false;
            return !pw_tou_next(p, &w) ? !p->failed : pw_tou_fail(p, "unknown word", &w, ", here the line ends");
        }
    return pw_tou_fail(p, "unknown word", &w, "");
}

static bool take_effective(struct pw_tou_parser *p)
{
    struct pw_tou *t = &p->t;
    if (p->effective_line == 0)
        return true;
    p->line = p->effective_line;
    if (p->effective_utc) {
        t->effective_utc = pw_civil_to_s(&p->effective);
        return true;
    }
    struct pw_civil back;
    t->effective_utc = pw_zone_utc(&t->zone, &p->effective);
    if (t->effective_utc >= PW_UTC_END)
        return pw_tou_fail(p, "effective: not in 2000 .. 2099 in UTC", NULL, "");
    pw_zone_local(&t->zone, t->effective_utc, &back);
    return pw_civil_to_s(&back) == pw_civil_to_s(&p->effective) || pw_tou_fail(p, "effective: the clocks skip this time", NULL, "");
}

static bool complete(struct pw_tou_parser *p)
{
    const char *missing = !p->have_schedule     ? "'schedule' line"
                        : !p->have_zone         ? "'zone' line"
                        : p->t.n_rates == 0     ? "'rate' line"
                        : p->t.n_daytypes == 0  ? "'daytype' line"
                        : p->t.n_seasons == 0   ? "'season' line"
                                                : NULL;
    return missing == NULL ? take_effective(p) : pw_tou_fail(p, missing, NULL, " is missing");
}

int pw_tou_parse(const char *text, size_t len, struct pw_tou *tou, struct pw_tou_names *names, struct pw_tou_text_fault *fault)
{
    struct pw_tou_parser p;
    memset(&p, 0, sizeof p);
    p.p = text;
    p.end = text + len;
    p.line = 1;
    p.fault = fault;
    while (statement(&p) && p.p < p.end) {
        p.p++; /* the end of the line */
        if (p.p < p.end)
            p.line++;
    }
    if (p.failed || !complete(&p))
        return PW_ERR_RANGE;
    if (pw_tou_check(&p.t, NULL) != PW_OK || pw_tou_check_names(&p.names, &p.t, NULL) != PW_OK) {
        pw_tou_fail(&p, "the schedule does not pass its check", NULL, "");
        return PW_ERR_RANGE;
    }
    *tou = p.t;
    *names = p.names;
    return PW_OK;
}
