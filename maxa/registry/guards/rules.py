"""Every rule that a draft is held to: its severity and what is said of a breach, in Persian and English.

Explained, with how to mend each, in docs/findings.md (a test holds the two together). ``{code}`` and the like are filled
in from the finding. ``{count}`` cases more than those that are listed one by one are told by :data:`MORE`.
"""

from __future__ import annotations

from dataclasses import dataclass

E, W, I = "error", "warning", "info"  # noqa: E741 - short names keep the table readable


@dataclass(frozen=True, slots=True)
class Rule:
    severity: str
    fa: str
    en: str


MORE = Rule(I, "و {count} مورد دیگر مانند این.", "And {count} more like this.")

RULES: dict[str, Rule] = {
    # Codes
    "rounded-code": Rule(
        E,
        "کد {code} را اکسل گرد کرده و رقم آخر آن از دست رفته است؛ ستون را «متن» کنید و کد درست را از فهرست اصلی بنویسید.",
        "Excel rounded the code {code} and its last digit is lost: format the column as text and enter the true code from"
        " the original list.",
    ),
    "rounded-code-restored": Rule(
        W,
        "اکسل کد {code} را گرد کرده بود؛ با عنوان آن در ویرایش جاری، کد {mended} برداشته شد. آن را وارسی کنید و"
        " قالب ستون را «متن» کنید.",
        "Excel had rounded the code {code}; by its title in the current edition it was taken as {mended}. Check it,"
        " and format the column as text.",
    ),
    "duplicate-code": Rule(
        E,
        "کد {code} در {terminology} بیش از یک بار آمده است؛ تنها یک ردیف نگه دارید.",
        "The code {code} of {terminology} stands more than once in this submission: keep one row.",
    ),
    "duplicate-pair": Rule(
        E,
        "جفت {source} به {target} بیش از یک بار و با ویژگی‌های متفاوت آمده است؛ تنها ردیف درست را نگه دارید.",
        "The pair {source} → {target} stands more than once, with different properties: keep the right row only.",
    ),
    "pair-differs-in-part": Rule(
        W,
        "{other} جفت {code} را با نوع ارتباط یا ویژگی‌های دیگری دارد؛ آنچه {wins} می‌گوید منتشر می‌شود.",
        "{other} gives the pair {code} another relationship or other properties: what {wins} says is published.",
    ),
    "code-in-other-part": Rule(
        E,
        "کد {code} اکنون در بخش «{part}» فعال است، نه «{new_part}»؛ ردیف را از این بخش بردارید، یا فهرست کامل هر دو"
        " بخش را با هم بفرستید.",
        "The code {code} is active in the part {part!r}, not {new_part!r}: take the row out of this part, or send"
        " the full lists of both parts together.",
    ),
    "code-restored": Rule(
        W,
        "کد {code} اکنون کنار گذاشته است و این اصلاحیه آن را برمی‌گرداند؛ اگر نباید برگردد، در ستون «وضعیت» بنویسید"
        " «کنار گذاشته».",
        "The code {code} is retired now and this amendment brings it back: if it should stay retired, say so in the"
        " column of the status.",
    ),
    "active-with-successor": Rule(
        W,
        "کد {code} فعال نوشته شده ولی جانشین ({successor}) دارد؛ ستون «وضعیت» را خالی کنید تا کنارگذاشته شمرده شود،"
        " یا جانشین را پاک کنید.",
        "The code {code} is said to be active but names a successor ({successor}): clear its status, so that it is"
        " taken as retired, or clear the successor.",
    ),
    # Amendments
    "fields-kept": Rule(
        I,
        "در برگهٔ «{sheet}» این ستون‌ها نیست یا سراسر خالی است: {fields_fa}. اصلاحیه تنها آنچه را نام می‌برد تغییر می‌دهد؛"
        " مقدار این‌ها در {count} کد همان ماند که بود.",
        "The sheet “{sheet}” lacks these columns, or they are empty throughout: {fields_en}. An amendment changes only what it"
        " names: for {count} codes these values stayed as they are.",
    ),
    "row-changes-nothing": Rule(
        I,
        "فهرست‌های پیشین دربارهٔ {code} درست همین را می‌گویند؛ این ردیف چیزی را تغییر نمی‌دهد.",
        "Earlier lists say just this of {code}: the row changes nothing.",
    ),
    # The list as a whole
    "back-dated": Rule(
        E,
        "این فهرست از ویرایش جاری «{terminology}» ({version}) کهنه‌تر است؛ اگر برای پیشینه است، با ‎--history‎ وارد کنید.",
        "This list is older than the current edition of {terminology} ({version}): if it is meant as history, import it with"
        " --history.",
    ),
    "not-history": Rule(
        I,
        "از {name} ویرایشی تازه‌تر از این نیست؛ با آنکه ‎--history‎ داده‌اید، این فهرست ویرایش جاری می‌شود.",
        "There is no newer edition of {name}: although --history was given, this list becomes the current edition.",
    ),
    "history-of-some-parts": Rule(
        E,
        "از بخش‌های {terminology} در این فهرست، {older} ویرایش تازه‌تر دارد و {newer} ندارد؛ آن‌ها را جدا وارد کنید.",
        "Of the parts of {terminology} in this submission, {older} has a newer edition and {newer} has none: import them"
        " separately.",
    ),
    "history-by-amendment": Rule(
        E,
        "پس از این اصلاحیه، {name} در {version} باز با اصلاحیه تغییر کرده است، نه با فهرست کامل؛ آنچه این‌جا تغییر کند در آن"
        " نیست. فهرست کامل آن روز را وارد کنید.",
        "After this amendment {name} was changed by another one ({version}), not by a full list, which would not hold what is"
        " changed here: bring in the full list of that day.",
    ),
    "near-terminology": Rule(
        W,
        "ترمینولوژی «{terminology}» هنوز نیست و نامش به {near} می‌ماند. اگر به‌راستی تازه است، با ‎--confirm"
        " {confirm}‎ تأیید کنید؛ وگرنه شناسه را درست کنید و دوباره وارد کنید.",
        "There is no terminology {terminology} yet, and its name is almost {near}. If it is a new one, confirm it"
        " with --confirm {confirm}; else import again with the right id.",
    ),
    "other-circular": Rule(
        W,
        "ابلاغیهٔ {number} ({subject}) فهرست {terminology} را ندارد؛ اگر شماره درست است، با ‎--confirm {confirm}‎ تأیید کنید.",
        "Circular {number} is not known to carry {terminology}: if the number is right, confirm it with --confirm {confirm}.",
    ),
    "other-list": Rule(
        W,
        "از {rows} {units_fa} این فهرست تنها {known} تا در ویرایش جاری {name} ({held} {units_fa}) هست{elsewhere_fa}؛ گویا فهرست"
        " دیگری است. اگر درست است، با ‎--confirm {confirm}‎ تأیید کنید.",
        "Of the {rows} {units_en} of this list only {known} stand in the current edition of {name} ({held}){elsewhere_en}: it"
        " seems to be another list. If it is right, confirm it with --confirm {confirm}.",
    ),
    "too-few-rows": Rule(
        E,
        "فهرست کامل {name} تنها {rows} ردیف دارد و کمینهٔ آن {limit} است؛ اگر تنها چند کد تغییر کرده، آن را به صورت اصلاحیه"
        " (‎--amendment‎) بفرستید.",
        "The full list of {name} has {rows} rows, its minimum is {limit}: if only a few codes change, send it as an amendment"
        " (--amendment).",
    ),
    "too-many-rows": Rule(
        W,
        "فهرست {name}، {rows} ردیف دارد و بیش از {limit} انتظار نمی‌رفت؛ ببینید ردیفی تکراری یا از فهرستی دیگر در"
        " آن نباشد.",
        "The list of {name} has {rows} rows, more than the {limit} expected: see whether rows are repeated or of"
        " another list.",
    ),
    "many-retired": Rule(
        W,
        "این فهرست {figure} {units_fa} از {held} {units_fa} {name} را کنار می‌گذارد (بیش از {limit:.0%}). اگر درست است، رقم را با"
        " ‎--confirm {confirm}‎ تأیید کنید.",
        "This list would leave {figure} of {held} {units_en} of {name} retired (more than {limit:.0%}). If that is right, confirm"
        " the figure with --confirm {confirm}.",
    ),
    "many-changed": Rule(
        W,
        "این فهرست {figure} {units_fa} از {held} {units_fa} {name} را تغییر می‌دهد (بیش از {limit:.0%}). اگر درست است، رقم را با"
        " ‎--confirm {confirm}‎ تأیید کنید.",
        "This list would leave {figure} of {held} {units_en} of {name} changed (more than {limit:.0%}). If that is right, confirm"
        " the figure with --confirm {confirm}.",
    ),
    "many-added": Rule(
        W,
        "این اصلاحیه {figure} {units_fa} تازه به {held} {units_fa} {name} می‌افزاید (بیش از {limit:.0%})؛ مبادا کارپوشهٔ فهرستی دیگر"
        " باشد. اگر درست است، رقم را با ‎--confirm {confirm}‎ تأیید کنید.",
        "This amendment would add {figure} new {units_en} to the {held} of {name} (more than {limit:.0%}): is it the workbook of"
        " another list? If it is right, confirm the figure with --confirm {confirm}.",
    ),
    "emptied-column": Rule(
        W,
        "«{heading}» در ویرایش جاری برای {held} {units_fa} از آنچه در این فهرست {name} است پر است و این فهرست {figure} تای آن را"
        " {lost_fa} می‌کند. ستون را پر کنید؛ اگر درست است، رقم را با ‎--confirm {confirm}‎ تأیید کنید.",
        "“{heading}” is filled in the current edition for {held} of the {units_en} of this list of {name}, and {figure} of them"
        " would become {lost_en}. Fill the column; if it is right, confirm the figure with --confirm {confirm}.",
    ),
    # References
    "unknown-parent": Rule(
        W,
        "کد {code} زیر {other} است ولی {other} در {terminology} نیست؛ ردیف آن را بیفزایید یا والد را درست کنید.",
        "The code {code} stands below {other}, which is not in {terminology}: add its row, or correct the parent.",
    ),
    "retired-parent": Rule(
        W,
        "کد فعال {code} زیر {other} است که کنار گذاشته شده است؛ والد دیگری بدهید یا {other} را فعال نگه دارید.",
        "The active code {code} stands below {other}, which is retired: give it another parent, or keep {other}"
        " active.",
    ),
    "parent-circle": Rule(
        E,
        "والدهای کد {code} به خودش برمی‌گردند ({chain})؛ یکی از والدهای این دور را درست کنید.",
        "The parents of {code} lead back to it ({chain}): correct one of the parents of this circle.",
    ),
    "unknown-successor": Rule(
        E,
        "جانشین کد {code}، یعنی {other}، در {terminology} نیست؛ ردیف آن را بیفزایید یا ستون «کد جایگزین» را درست کنید.",
        "The successor of {code} is {other}, which is not in {terminology}: add its row, or correct the column of"
        " the successor.",
    ),
    "retired-successor": Rule(
        W,
        "جانشین کد {code} به {other} می‌رسد که کنار گذاشته شده و جانشینی ندارد؛ کدی را بنویسید که اکنون فعال است.",
        "The successors of {code} end at {other}, which is retired and has none itself: name the code that is valid"
        " now.",
    ),
    "successor-circle": Rule(
        E,
        "جانشین‌های کد {code} به خودش برمی‌گردند ({chain})؛ یکی از جانشین‌های این دور را درست کنید.",
        "The successors of {code} lead back to it ({chain}): correct one of the successors of this circle.",
    ),
    "unknown-map-source": Rule(
        W,
        "جفت از کد {code} آغاز می‌شود که در {terminology} نیست؛ کد را درست کنید، یا نخست فهرست تازهٔ {terminology}"
        " را منتشر کنید.",
        "The pair starts at the code {code}, which {terminology} does not have: correct it, or publish the new list"
        " of {terminology} first.",
    ),
    "unknown-map-target": Rule(
        W,
        "جفت به کد {code} می‌رسد که در {terminology} نیست؛ کد را درست کنید، یا نخست فهرست تازهٔ {terminology} را"
        " منتشر کنید.",
        "The pair leads to the code {code}, which {terminology} does not have: correct it, or publish the new list"
        " of {terminology} first.",
    ),
    # Decisions of the committee on maps
    "against-decision": Rule(
        W,
        "دربارهٔ {code} این فهرست می‌گوید «{listed_fa}» و کمیته{known_fa} تصمیم گرفته است «{decided_fa}» (تصمیم {number})؛ تصمیم"
        " کمیته منتشر می‌شود. اگر فهرست درست است: maxa decisions {map} --revoke {number}",
        "Of {code} this list says “{listed_en}”, and the committee{known_en} decided “{decided_en}” (decision {number}): the"
        " decision is what is published. If the list is right: maxa decisions {map} --revoke {number}",
    ),
    "decided-pair-dropped": Rule(
        W,
        "{code} دیگر در این فهرست نیست؛ چون کمیته آن را برقرار دانسته است (تصمیم {number})، منتشر می‌ماند. اگر دیگر برقرار نیست:"
        " maxa decisions {map} --revoke {number}",
        "The list no longer carries {code}: as the committee decided that it holds (decision {number}), it stays published. If"
        " it holds no longer: maxa decisions {map} --revoke {number}",
    ),
    "decisions-contradict": Rule(
        E,
        "برای کد {code} هم نوشته شده که همتا ندارد و هم همتا دارد ({targets})؛ یکی را بردارید.",
        "The code {code} is said to have no target and to have one ({targets}): remove one of the two.",
    ),
    "decision-on-unknown-code": Rule(
        E,
        "{code}: کد {named} در {terminology} نیست{near_fa}.",
        "{code}: {terminology} has no code {named}{near_en}.",
    ),
    "decision-on-retired-code": Rule(
        W,
        "{code}: کد {named} در {terminology} کنار گذاشته شده است{successor_fa}؛ ببینید تصمیم باید دربارهٔ کدی دیگر"
        " باشد.",
        "{code}: the code {named} of {terminology} is retired{successor_en}. See whether another code is meant.",
    ),
    "decision-replaces": Rule(
        I,
        "تصمیم دربارهٔ {code} جای تصمیم {number} ({old}، از {actor}) را می‌گیرد.",
        "The decision on {code} takes the place of decision {number} ({old}, by {actor}).",
    ),
    "decided-already": Rule(
        I,
        "دربارهٔ {code} همین تصمیم ({number}، از {actor}) اکنون برجاست.",
        "Just this is decided of {code} already (decision {number}, by {actor}).",
    ),
    "decision-agrees": Rule(
        I,
        "فهرست‌ها دربارهٔ {code} همین را می‌گویند؛ تصمیم چیزی را تغییر نمی‌دهد، ولی از این پس در برابر فهرست‌های بعدی می‌ماند.",
        "The lists say the same of {code}: the decision changes nothing now, but will stand against later lists.",
    ),
    "decision-not-standing": Rule(
        E,
        "تصمیم {number} دربارهٔ {code} دیگر برجا نیست که لغو شود؛ پیش‌نویس را رد کنید.",
        "Decision {number} on {code} does not stand any more, so it can't be revoked: reject this draft.",
    ),
    # Titles
    "same-title": Rule(
        W,
        "{count} کد یک عنوان دارند، «{title}»: {codes}؛ ببینید عنوانی بریده نشده یا ردیفی رونوشت نباشد.",
        "{count} codes have one title, “{title}”: {codes}. See whether a title was cut short or a row copied.",
    ),
    "titles-shared": Rule(
        I,
        "در این فهرست {name}، {figure} کد از {rows} کد با کد دیگری هم‌عنوان است{before_fa}؛ در این فهرست چنین است و یک‌یک نیامد.",
        "In this list of {name}, {figure} of {rows} codes share their title with another code{before_en}: that is the habit of"
        " the list, so they are not listed one by one.",
    ),
}
