"""What clients leave in HTML around the mail they quote: none of it is the answer."""

import pytest

from inboxd.message import parse, parse_with_html

HEADER = (
    "<b>From:</b> Front Desk &lt;front@example.com&gt;<br><b>Sent:</b> Tuesday, June 3, 2025 10:00 AM<br>"
    "<b>To:</b> Office<br><b>Subject:</b> RE: x"
)
GERMAN = (
    "<b>Von:</b> Front Desk &lt;front@example.com&gt;<br><b>Gesendet:</b> Dienstag, 3. Juni 2025 10:00<br>"
    "<b>An:</b> Office<br><b>Betreff:</b> RE: x"
)
# What stands below the answer, by client; {header} and {german} are the headers that Outlook repeats.
CLIENTS = {
    "gmail": (
        '<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        'On Tue, Jun 3, 2025 at 10:00 AM Front &lt;<a href="mailto:f@example.com">'
        "f@example.com</a>&gt; wrote:<br></div>"
        '<blockquote class="gmail_quote" style="margin:0"><div>old</div></blockquote></div>'
    ),
    "gmail-container": (
        '<br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">On x wrote:</div><blockquote class="gmail_quote">'
        "<div>old</div></blockquote></div>"
    ),
    "gmail-sig": (
        '<div><br></div><span class="gmail_signature_prefix">-- </span><br>'
        '<div dir="ltr" class="gmail_signature">Office Example<br>Firm</div>'
    ),
    "apple": (
        '<div><br><blockquote type="cite"><div>'
        "On 3 Jun 2025, at 10:00, Front &lt;f@example.com&gt; wrote:</div><br><div>old</div>"
        "</blockquote></div>"
    ),
    "apple-out": (
        "<div>On 3 Jun 2025, at 10:00, Front &lt;f@example.com&gt; wrote:</div><br>"
        '<blockquote type="cite"><div>old</div></blockquote>'
    ),
    "tb": (
        '<div class="moz-cite-prefix">On 6/3/25 10:00, Front wrote:<br></div>'
        '<blockquote type="cite" cite="mid:x"><p>old</p></blockquote>'
    ),
    "tb-sig": (
        '<pre class="moz-signature" cols="72">-- \nAnn</pre><div class="moz-cite-prefix">'
        'On 6/3/25 10:00, Front wrote:<br></div><blockquote type="cite" cite="mid:x"><p>'
        "old</p></blockquote>"
    ),
    "outlook-div": (
        "<div>"
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        "<p class=MsoNormal>{header}</p></div></div><p>old</p>"
    ),
    "outlook-div-b5": (
        '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in">'
        "<p class=MsoNormal>{german}</p></div><p>old</p>"
    ),
    "outlook-mac": (
        '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in">'
        '<p class="MsoNormal"><span style="color:black">From: </span><span>'
        "Front &lt;f@example.com&gt;<br><b>Date: </b>Tuesday<br><b>To: </b>Office<br><b>"
        "Subject: </b>x</span></p></div><p>old</p>"
    ),
    "owa": (
        '<hr style="display:inline-block;width:98%" tabindex="-1">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{header}</font></div><div>'
        "old</div>"
    ),
    "owa-x": ('<hr><div id="x_divRplyFwdMsg" dir="ltr">{header}</div><div>old</div>'),
    "owa-app": ('<div id="appendonsend"></div><hr><div dir="ltr">{header}</div><div>old</div>'),
    "outlook-new": (
        '<div id="ms-outlook-mobile-signature">Get <a href="https://example.com/x">'
        'Outlook for iOS</a></div><div id="mail-editor-reference-message-container"><div><hr>'
        "{header}</div><div>old</div></div>"
    ),
    "outlook-plain-hdr": ("<p class=MsoNormal>{header}</p><p>old</p>"),
    "hotmail-hr": (
        '<hr id="stopSpelling">Date: Tue, 3 Jun 2025<br>From: f@example.com<br>'
        "To: a@example.com<br>Subject: x<br><br>old"
    ),
    "yahoo": (
        '<div id="yahoo_quoted_1234" class="yahoo_quoted"><div>'
        "On Tuesday, June 3, 2025, Front wrote:</div><div>old</div></div>"
    ),
    "yahoo-ydp": (
        '<div id="ydp1234yahoo_quoted_9" class="ydp1234yahoo_quoted"><div>'
        "On Tuesday, June 3, 2025, Front wrote:</div><div>old</div></div>"
    ),
    "yahoo-classic": (
        '<hr size="1"><font face="Tahoma" size="2"><b><span style="font-weight:bold">'
        "From:</span></b> Front &lt;f@example.com&gt;<br><b>To:</b> a<br><b>Sent:</b> Tue<br>"
        "<b>Subject:</b> x</font><br>old"
    ),
    "proton": (
        '<div class="protonmail_quote">On Tuesday, Front wrote:<br>'
        '<blockquote class="protonmail_quote" type="cite">old</blockquote></div>'
    ),
    "proton-sig": (
        '<div class="protonmail_signature_block"><div>Sent with <a href="https://mail.example">'
        'Proton Mail</a> secure email.</div></div><div class="protonmail_quote">'
        "On Tuesday<blockquote>old</blockquote></div>"
    ),
    "zimbra": (
        '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>'
        "From: </b>f@example.com<br><b>To: </b>a<br><b>Sent: </b>Tue<br><b>Subject: </b>"
        'x</div><div data-marker="__QUOTED_TEXT__">old</div>'
    ),
    "zoho": (
        '<div class="zmail_extra"><div id="Zm-_Id_-Sgn1">'
        "---- On Tue, 03 Jun 2025 10:00:00 +0200 <b>Front &lt;f@example.com&gt;</b>"
        " wrote ----</div><blockquote>old</blockquote></div>"
    ),
    "zoho2": (
        '<div class="zmail_extra_hr" style="border-top:1px solid"></div>'
        '<div class="zmail_extra" data-zbluepencil-ignore="true"><div>'
        '---- On Tue wrote ---</div><blockquote id="blockquote_zmail">old</blockquote></div>'
    ),
    "gmx": (
        '<div name="quote" style="margin:10px"><div><b>Gesendet:</b> Dienstag<br><b>Von:</b>'
        ' x</div><div name="quoted-content">old</div></div>'
    ),
    "gmx2": (
        '<div id="sub-body-container"><div class="mail_android_quote">'
        'On June 3, 2025 wrote:<blockquote class="gmail_quote">old</blockquote></div></div>'
    ),
    "k9": (
        '<br><br><div class="gmail_quote">'
        'On June 3, 2025 10:00:00 AM, Front &lt;f@example.com&gt; wrote:<blockquote class="gmail_quote">'
        "old</blockquote></div>"
    ),
    "fairmail": ('<div class="fairemail_quote">On June 3 wrote:<blockquote>old</blockquote></div>'),
    "spark": (
        '<div name="messageSignatureSection">Office</div><div name="messageReplySection">'
        'On Jun 3, 2025, Front wrote:<blockquote type="cite">old</blockquote></div>'
    ),
    "airmail": (
        '<div id="bloop_sign_14" class="bloop_sign">Office</div><p class="airmail_on">'
        "On 3 June 2025 at 10:00:00, Front (f@example.com) wrote:</p>"
        '<blockquote type="cite" class="clean_bq">old</blockquote>'
    ),
    "mailru": (
        '<br><br><blockquote style="border-left:1px solid #0857A6">'
        "Вторник, 3 июня 2025, 10:00 +03:00 от Front &lt;f@example.com&gt;:<br><div>old</div>"
        "</blockquote>"
    ),
    "yandex": ('<div>03.06.2025, 10:00, "Front" &lt;f@example.com&gt;:</div><blockquote>old</blockquote>'),
    "qq": (
        '<div><br></div><div style="font-size:12px">'
        "------------------&nbsp;原始邮件&nbsp;------------------</div><div><b>发件人:</b>"
        ' "Front"&lt;f@example.com&gt;;</div><div>old</div>'
    ),
    "netease": (
        '<br><div style="position:relative;zoom:1"></div><div id="divNeteaseMailCard"></div>'
        '<br>At 2025-06-03 10:00:00, "Front" &lt;f@example.com&gt; wrote:<br>'
        '<blockquote id="isReplyContent">old</blockquote>'
    ),
    "aol": (
        '<div style="font-family:arial">-----Original Message-----<br>'
        "From: Front &lt;f@example.com&gt;<br>To: a<br>Sent: Tue<br>Subject: x<br><br><div>"
        "old</div></div>"
    ),
    "aol-id": ('<div id="yiv123AOLMsgPart_0">old one</div>'),
    "lotus": (
        '<br><font color="#990099">-----Front/Example wrote: -----</font>'
        '<blockquote style="border-left:2px solid">To: a<br>From: f<br>Date: x<br>'
        "Subject: y<br>old</blockquote>"
    ),
    "plain-bq": ("<blockquote>old quoted<br>text</blockquote>"),
    "attr-bq": (
        "<p>On Tue, Jun 3, 2025 at 10:00 AM, Front &lt;f@example.com&gt; wrote:</p><blockquote><p>old</p></blockquote>"
    ),
    "wm": (
        "<p class=MsoNormal>"
        'Sent from <a href="https://example.com/fwlink/?LinkId=550986">Mail</a>'
        " for Windows</p>"
        '<div style="mso-element:para-border-div;border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        '<p class=MsoNormal style="border:none;padding:0cm">{header}</p></div><p>old</p>'
    ),
    "freshdesk": (
        '<div class="freshdesk_quote"><blockquote class="freshdesk_quote">On Tue wrote:<br>old</blockquote></div>'
    ),
    "zendesk": (
        '<div class="quotedReply"><blockquote>'
        "On Tue, 3 Jun at 10:00 AM, Front &lt;f@example.com&gt; wrote:<br>old</blockquote>"
        "</div>"
    ),
    "frontapp": (
        '<div class="front-signature">Office</div>'
        '<blockquote type="cite" class="front-blockquote">On June 3, wrote:<br>'
        "old</blockquote>"
    ),
    "superhuman": (
        '<div class="sh-signature">Sent via Superhuman</div><br><div class="gmail_quote">'
        '<div class="gmail_attr">On x wrote:</div><blockquote class="gmail_quote">'
        "old</blockquote></div>"
    ),
    "hey": (
        '<blockquote class="trix-blockquote">On June 3, 2025, Front &lt;f@example.com&gt; wrote:<br>old</blockquote>'
    ),
    "roundcube": (
        '<p id="reply-intro">On 2025-06-03 10:00, Front wrote:</p>'
        '<blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0">'
        '<div id="replybody1">old</div></blockquote>'
    ),
    "tutanota": ('<br><br>Jun 3, 2025, 10:00 by f@example.com:<br><blockquote class="tutanota_quote">old</blockquote>'),
    "mailbird": (
        '<div class="mb_sig"></div><blockquote class="history_container" type="cite"><p>'
        "On 6/3/2025 10:00:00 AM, Front &lt;f@example.com&gt; wrote:</p>old</blockquote>"
    ),
    "emclient": (
        '<div>------ Original Message ------</div><div>From "Front" &lt;<a>f@example.com</a>'
        "&gt;</div><div>To a@example.com</div><div>Date 03.06.2025 10:00:00</div><div>"
        'Subject Re: x</div><div id="x" class="plain">'
        '<blockquote cite="x" type="cite" class="cite2">old</blockquote></div>'
    ),
    "postbox": (
        '<blockquote style="border: 0px none;" cite="mid:x" type="cite">'
        '<div class="__pbConvHr"><div>Front</div><div>June 3, 2025 at 10:00 AM</div></div>'
        '<div class="__pbConvBody">old</div></blockquote>'
    ),
    "newton": ('<div class="cm_signature">Sent from Newton</div><div class="cm_quote">On Tue:<p>old</p></div>'),
    "canary": ('<div id="CanarySig">Office</div><div id="CanaryBlockquote"><div>On Tuesday</div><div>old</div></div>'),
    "netease-master": (
        '<div class="ntes-mailmaster-quote"><div>---- Replied Message ----</div><table><tr><td>x</td></table>old</div>'
    ),
    "exmail": ('<div id="origbody"><div><b>发件人</b>&nbsp;Front</div>old</div>'),
    "windows-mail": (
        '<div style="border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;">'
        "<strong>From:</strong>&nbsp;Front<br><strong>To:</strong>&nbsp;Office</div><div>old</div>"
    ),
    "aqua": (
        '<div id="aqm-signature">Sent with AquaMail</div><div id="aqm-original"><p>On June 3 Front wrote:</p>old</div>'
    ),
    "missive": ('<div class="missive_quote">On June 3, 2025, Front wrote:<blockquote>old</blockquote></div>'),
    "emclient-signed": (
        '<div id="emailSignature">Office</div><div>------ Original Message ------</div>'
        "<div>From: Front &lt;f@example.com&gt;</div><div>Subject: x</div><div>old</div>"
    ),
    "notes": (
        '<img src="cid:1" alt="Inactive hide details for Front---06/03/2025 10:00:00 AM---Hello">'
        "<font>Front---06/03/2025 10:00:00 AM---Hello</font><br><font>From: </font>Front<hr>old"
    ),
    "ses": (
        '<div class="SkyDrivePlaceholder"></div><div><hr id="stopSpelling">'
        "From: f@example.com<br>To: a@example.com<br>Date: x<br>old</div>"
    ),
}


def reply(html):
    head = (
        b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Re: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    )
    return parse(head + html.encode()).reply_text


@pytest.mark.parametrize("below", CLIENTS.values(), ids=CLIENTS.keys())
def test_what_a_client_quotes_in_html_is_cut(below):
    html = "<div>Works now.</div>" + below.replace("{header}", HEADER).replace("{german}", GERMAN)
    for whole in (html, f"<html><head><style>p{{}}</style></head><body lang=EN>{html}</body></html>"):
        assert reply(whole).split() == ["Works", "now."]


@pytest.mark.parametrize("below", CLIENTS.values(), ids=CLIENTS.keys())
def test_what_html_tells_of_the_text_beside_it_is_told_without_showing_it(below):
    html = "<div>Works now.</div>" + below.replace("{header}", HEADER).replace("{german}", GERMAN)
    raw = (
        b"From: a@example.com\r\nSubject: Re: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        b"--b\r\n\r\nWorks now.\r\nold\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n%b\r\n--b--\r\n"
    ) % html.encode()
    (shown, page), filed = parse_with_html(raw), parse(raw)
    assert shown == filed
    assert page


@pytest.mark.parametrize(
    "sent_on",
    [
        '<blockquote type="cite"><div>Anfang der weitergeleiteten Nachricht:</div><b>Von:</b>Front<br>old</blockquote>',
        '<blockquote type="cite"><div>Początek przekazywanej wiadomości:</div><b>Od: </b>Front<br>old</blockquote>',
        '<div class="yahoo_quoted">----- Mensaje reenviado -----<br><b>De:</b> Front<br>old</div>',
        '<div class="gmail_quote">---------- Forwarded message ---------<br>From: Front<br>old</div>',
    ],
)
def test_what_is_sent_on_is_no_quote_whatever_its_mark_says(sent_on):
    assert reply(f"<div>Works now.</div>{sent_on}").split()[-1] == "old"
