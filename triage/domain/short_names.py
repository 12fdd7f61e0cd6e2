"""Short forms of given names, and spellings of one name, as families use them; data."""

_FORMS = """
abigail abby abbie abi gail; adam addy; adrian ade; agnieszka aga; albert bert bertie al; aleksandra
ola; alexander alex alec xander sandy alexandra lexi sandra alessandra sasha aleksander; alfred alf
alfie fred freddie; alice ali; alison ali; amelia millie milly mia amy; amanda mandy; andrew andy
drew; angela angie; anna annie ania; ann anne annie; annabel annabelle anna bella; anthony tony ant;
antonia toni; archibald archie; arthur art artie; barbara barb babs; beatrice bea trixie beatrix;
benjamin ben benny benji; bernadette bernie; bethany beth; bradley brad; bronwen bron; caitlin cait
katelyn; callum cal calum; cameron cam; caroline carrie caz; cassandra cass cassie; catherine kate
katie kathy cathy cat kitty katherine kathryn katharine; charles charlie chas; charlotte charlie
lottie lotte char; chloe clo; christian chris; christina chris tina chrissie christine; christopher
chris kit; clementine clem clemmie; connor con conor; daniel dan danny; danielle dani; david dave
davey; deborah deb debbie; dominic dom nic; dorothy dot dotty; dylan dyl; edward ed eddie ted teddy
ned; eleanor ellie nell; elijah eli; elizabeth liz lizzie beth betty eliza libby elsie bess isobel;
ella ellie; emily em emmie millie; emma em; emmanuel manny; ethan eth; evangeline evie; evelyn evie;
felicity fliss flick; florence flo florrie flossie; frances fran frankie; francesca fran frankie
chess; francis frank frankie; frederick fred freddie freddy; gabriel gabe; gabriella gabby gabi;
genevieve gen evie; geoffrey geoff; george georgie; georgia georgie; georgina georgie; gregory greg;
gwendolyn gwen; hannah han; harriet hattie harry; harrison harry; harry harold henry hal; helena
helen lena; henrietta hettie etta; ibrahim ibby; imogen immy; isaac zac ike; isabel izzy bella issy;
isabella izzy bella issy isabelle; isobel izzy bel issy isabel; jacob jake; jacqueline jackie; james
jim jimmy jamie jem; janet jan; jasmine jas jaz; jayden jay; jeffrey jeff; jennifer jen jenny;
jeremy jez; jessica jess jessie; joanna jo; joanne jo; john johnny jack jonny; jonathan jon jonny
jono; joseph joe joey; josephine jo josie; joshua josh; judith judy; julian jules; juliet jules;
katarzyna kasia; kenneth ken kenny; kimberley kim; kristina tina; laura lols; lauren loz; lawrence
larry laurie; leonard leo len lenny; leonardo leo; leo leon; lewis lew louis; lillian lily lil;
louis lou lewis; louisa lou lulu; louise lou; lucas luke luca; lucinda lucy; lucy luce; lukasz luke;
madeleine maddie; madison maddie; magdalena magda lena; malgorzata gosia; margaret maggie meg peggy
greta daisy; maria marie; mark marc; martha marty; martin marty; matilda tilly tilda mattie; matthew
matt matty; maximilian max; megan meg; melanie mel; melissa mel lissa; michael mike mick mickey
mikey; michelle shell chelle; mohammed mo mohammad mohamed mohamad muhammad; muhammad mo mohammed
mohammad mohamed muhammed; nancy nance; natalie nat; natasha tasha nat; nathan nate nath; nathaniel
nate nat nathan; nicholas nick nicky; nicola nicky nic; nikita nik; oliver ollie olly; olivia liv
livvy livi; oluwaseun seun; oscar oz; oskar oz; pamela pam; patricia pat trish tricia patsy; patrick
pat paddy; penelope penny nell; peter pete; philip phil pip; philippa pip pippa; phoebe phoebs;
rachel rach; raymond ray; rebecca becky becca bex; reginald reg reggie; rhiannon rhi; richard rich
richie dick rick; robert rob robbie bob bobby bert; robyn rob; ronald ron ronnie; rosalind ros;
rosemary rosie; rose rosie; ruby rubes; rupert rupe; samantha sam sammy; samir sam; samuel sam
sammy; sarah sally; scarlett scar; sebastian seb bash; sophia sophie soph; sophie soph; stanislaw
stas; stanley stan; stephanie steph; stephen steve stevie steven; susan sue susie; suzanne sue
suzie; sydney syd; tabitha tabby; tamsin tam; teresa terri tess; theodore theo ted teddy; theresa
terri tess; thomas tom tommy tomas; tobias toby; timothy tim timmy; toby tobias; tyler ty; valerie
val; vanessa nessa; veronica ronnie; victoria vicky tori; vincent vince vinny; vivienne viv; walter
wally; wilfred wilf; william will bill billy liam willy; winifred winnie; yusuf joe; zachary zac
zach zak; zechariah zac
"""


def _read(table: str) -> dict[str, frozenset[str]]:
    """Return the forms of each name; the short form leads back to the long one too."""
    rows = [tuple(row.split()) for row in table.split(";")]
    forms: dict[str, set[str]] = {}
    for name, *others in rows:
        forms.setdefault(name, set()).update(others)
        for other in others:
            forms.setdefault(other, set()).add(name)
    return {name: frozenset(others) for name, others in forms.items()}


_OTHERS = _read(_FORMS)


def forms_of(name: str) -> frozenset[str]:
    """Return the other forms of a given name in one atom, folded: "benjamin" gives "ben" and "benny"."""
    return _OTHERS.get(name, frozenset())
