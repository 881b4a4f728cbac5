"""The page of instructions in a kit, for whoever holds the stick. Persian first; plain HTML that any browser opens."""

from __future__ import annotations

from datetime import datetime
from html import escape

from maxa.persian.dates import jalali

_STYLE = (
    "body{font-family:Vazirmatn,Tahoma,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;line-height:2}"
    "pre{direction:ltr;text-align:left;background:#f3f3f3;padding:.8rem;overflow:auto}code{direction:ltr;unicode-bidi:isolate}"
)


def kit_page(
    *, version: str, serial: int, pythons: list[str], root_sha256: str, expires: datetime, made: datetime
) -> str:
    """``pythons``: versions that the kit has wheels for. ``expires``: until when the codes in it are taken."""
    python = escape(pythons[0])
    return f"""<!doctype html>
<html lang="fa" dir="rtl"><meta charset="utf-8"><title>نصب آینهٔ مکسا</title><style>{_STYLE}</style>
<h1>نصب آینهٔ مکسا</h1>
<p>این بسته همهٔ آنچه را آینه لازم دارد در خود دارد: برنامه (نسخهٔ {escape(version)})، کدها (سریال {serial})، و ریشه‌ای که آینه به
آن اعتماد می‌کند. روی دستگاه تنها Python {escape("، ".join(pythons))} لازم است؛ اینترنت لازم نیست. بسته در {jalali(made)} ساخته شده
است و کدهایش تا {jalali(expires)} پذیرفته می‌شود.</p>
<h2>۱. پیش از نصب</h2>
<p>اثر انگشت ریشه را با آنچه مرکز از راهی دیگر (نامه، تلفن) گفته است بسنجید:</p><pre>{escape(root_sha256)}</pre>
<h2>۲. نصب</h2>
<p>فایل بسته را روی دستگاه رونوشت کنید و با کاربر root اجرا کنید:</p>
<pre>python{python} maxa-mirror-kit.zip</pre>
<p>اگر این بیمارستان به مرکز راه دارد، نشانی را هم بدهید تا آینه هر یک ربع خود را روزآمد کند:</p>
<pre>python{python} maxa-mirror-kit.zip --url https://maxa.example/shelf/</pre>
<p>بی root هم می‌شود (برای آزمودن): <code>python{python} maxa-mirror-kit.zip --prefix ~/maxa --home ~/maxa/var</code></p>
<h2>۳. برنامه‌های بیمارستان</h2>
<p>برای هر برنامه (HIS، آزمایشگاه، داروخانه) یک بار؛ رازها یک بار نشان داده می‌شود:</p>
<pre>sudo -u maxa MAXA_ROLE=mirror MAXA_HOME=/var/lib/maxa /opt/maxa/.venv/bin/maxa client add his</pre>
<p>نشانی سرویس‌ها در <code>/etc/maxa-mirror.env</code> تنظیم می‌شود (<code>MAXA_HOST</code>، <code>MAXA_PORT</code>). در شبکهٔ بستهٔ خود
می‌توانید <code>MAXA_ACCESS=open</code> بگذارید.</p>
<h2>۴. روزآمد کردن کدها با حافظهٔ USB</h2>
<p>در مرکز: <code>maxa mirror export maxa.zip</code> (یا تنها تازه‌ها: <code>--since {serial}</code>). در بیمارستان:</p>
<pre>sudo -u maxa MAXA_ROLE=mirror MAXA_HOME=/var/lib/maxa /opt/maxa/.venv/bin/maxa mirror import /media/stick/maxa.zip</pre>
<p>هر چه دست‌خورده، کهنه‌تر یا ناقص باشد پذیرفته نمی‌شود و علت گفته می‌شود؛ تا آن هنگام سرویس‌ها با کدهای پیشین کار می‌کنند.</p>
<h2>۵. نسخهٔ تازهٔ برنامه</h2>
<p>بستهٔ تازه را درست مانند نصب اجرا کنید. تنظیم‌ها، برنامه‌ها و کدها می‌مانند؛ نسخهٔ پیشین در <code>/opt/maxa/venvs</code> نگه
داشته می‌شود.</p>
<h2>۶. وقتی چیزی درست نیست</h2>
<pre>curl http://127.0.0.1:8000/readyz
sudo -u maxa MAXA_ROLE=mirror MAXA_HOME=/var/lib/maxa MAXA_LANG=fa /opt/maxa/.venv/bin/maxa mirror status
sudo -u maxa MAXA_ROLE=mirror MAXA_HOME=/var/lib/maxa MAXA_LANG=fa /opt/maxa/.venv/bin/maxa mirror verify
journalctl -u maxa-mirror -u maxa-mirror-sync</pre>
<p>نخست ساعت دستگاه را ببینید (<code>date</code>): امضاها مهلت دارند.</p>
</html>
"""
